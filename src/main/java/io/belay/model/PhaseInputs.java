package io.belay.model;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.Process;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaConstraint;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaFormData;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaFormField;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaProperty;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaValue;

/**
 * The inputs of a phase: the form fields of its start event. A call passes these and nothing else;
 * the phase's body reads them as variables.
 */
public record PhaseInputs(List<Parameter> all) {

  /** The declared inputs of a process; empty for one that declares none and takes all variables. */
  public static Optional<PhaseInputs> of(BpmnModelInstance model) {
    return fields(model)
        .map(fields -> new PhaseInputs(fields.stream().map(PhaseInputs::input).toList()));
  }

  /** The fields as the model has them, valid or not; empty for a process that declares none. */
  public static Optional<Collection<CamundaFormField>> fields(BpmnModelInstance model) {
    return model.getModelElementsByType(Process.class).stream()
        .flatMap(process -> process.getChildElementsByType(StartEvent.class).stream())
        .filter(start -> start.getExtensionElements() != null)
        .flatMap(
            start ->
                start
                    .getExtensionElements()
                    .getElementsQuery()
                    .filterByType(CamundaFormData.class)
                    .list()
                    .stream())
        .findFirst()
        .map(CamundaFormData::getCamundaFormFields);
  }

  /**
   * One input.
   *
   * @throws IllegalArgumentException when its type is unknown, or a limit cannot be read
   */
  public static Parameter input(CamundaFormField field) {
    DeclaredType type =
        DeclaredType.parse(
            property(field, "type").orElseGet(() -> standardType(field.getCamundaType())));
    String value = field.getCamundaDefaultValue();
    List<CamundaValue> values = List.copyOf(field.getCamundaValues());
    // the model distinguishes an empty default from none, its value does not
    boolean optional =
        field.getDomElement().hasAttribute("defaultValue") || type.type() == Parameter.Type.TARGETS;
    return new Parameter(
        field.getCamundaId(),
        field.getCamundaLabel() == null ? field.getCamundaId() : field.getCamundaLabel(),
        property(field, "description").orElse(""),
        type.type(),
        !optional || constraint(field, "required").isPresent(),
        value == null || value.isBlank() ? null : value,
        values.stream().map(CamundaValue::getCamundaId).toList(),
        values.stream().map(CamundaValue::getCamundaName).toList(),
        type.type() == Parameter.Type.DURATION ? seconds(field) : number(field, "min", "minlength"),
        number(field, "max", "maxlength"),
        property(field, "pattern").orElse(null),
        type.kinds());
  }

  /** The standard types of a form field in Modeler; others are in the property {@code type}. */
  private static String standardType(String type) {
    return switch (type == null ? "" : type) {
      case "string" -> "text";
      case "long" -> "integer";
      case "enum" -> "choice";
      case "boolean" -> "boolean";
      default ->
          throw new IllegalArgumentException(
              "type '%s' is none of string, long, boolean, enum; say more in a property 'type'"
                  .formatted(type));
    };
  }

  private static Optional<String> property(CamundaFormField field, String id) {
    return Optional.ofNullable(field.getCamundaProperties()).stream()
        .flatMap(properties -> properties.getCamundaProperties().stream())
        .filter(property -> id.equals(property.getCamundaId()))
        .map(CamundaProperty::getCamundaValue)
        .findFirst();
  }

  private static Optional<CamundaConstraint> constraint(CamundaFormField field, String name) {
    return Optional.ofNullable(field.getCamundaValidation()).stream()
        .flatMap(validation -> validation.getCamundaConstraints().stream())
        .filter(constraint -> name.equals(constraint.getCamundaName()))
        .findFirst();
  }

  private static BigDecimal number(CamundaFormField field, String ofNumber, String ofText) {
    return Stream.of(ofNumber, ofText)
        .flatMap(name -> constraint(field, name).stream())
        .findFirst()
        .map(
            rule -> {
              try {
                return new BigDecimal(String.valueOf(rule.getCamundaConfig()));
              } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                    "%s '%s' is no number"
                        .formatted(rule.getCamundaName(), rule.getCamundaConfig()),
                    e);
              }
            })
        .orElse(null);
  }

  /** A duration's least value. */
  private static BigDecimal seconds(CamundaFormField field) {
    try {
      return constraint(field, "min")
          .map(rule -> new BigDecimal(Duration.parse(rule.getCamundaConfig()).toSeconds()))
          .orElse(null);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("min must be a duration such as PT1S", e);
    }
  }

  public Optional<Parameter> find(String name) {
    return all.stream().filter(input -> input.name().equals(name)).findFirst();
  }

  /**
   * The value of an input in the phase.
   *
   * @param given by the call; null or blank for the default
   * @throws IllegalArgumentException with the broken rule as its message
   */
  public static Object value(Parameter input, Object given) {
    boolean blank = given == null || given instanceof String text && text.isBlank();
    Object value = blank ? input.defaultValue() : given;
    if (value != null) {
      return input.type() == Parameter.Type.TEXT
          ? ParameterValues.passed(input, value)
          : ParameterValues.convert(input, value);
    }
    if (input.required()) {
      throw new IllegalArgumentException("is required");
    }
    return ""; // no targets or no text, set for expressions to read
  }

  /**
   * Why values that are right by themselves are wrong together: what has to hold as long as the
   * deadline never passes.
   */
  Optional<String> contradiction(Map<String, Object> values) {
    return duration(values, "duration")
        .filter(
            holds ->
                duration(values, "deadline").filter(end -> holds.compareTo(end) >= 0).isPresent())
        .map(
            holds ->
                "input 'duration' (%s) must be shorter than input 'deadline' (%s)"
                    .formatted(holds, values.get("deadline")));
  }

  private Optional<Duration> duration(Map<String, Object> values, String name) {
    return find(name)
        .filter(input -> input.type() == Parameter.Type.DURATION)
        .map(input -> values.get(name))
        .filter(value -> !value.equals("")) // optional, and not given
        .map(value -> Duration.parse(value.toString()));
  }

  /**
   * The values of all inputs, defaults included.
   *
   * @throws IllegalArgumentException naming every input that is unknown, or whose rule is broken
   */
  public Map<String, Object> values(Map<String, Object> given) {
    Map<String, Object> values = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    given.keySet().stream()
        .filter(name -> find(name).isEmpty())
        .forEach(name -> problems.add("it has no input '%s'".formatted(name)));
    for (Parameter input : all) {
      try {
        values.put(input.name(), value(input, given.get(input.name())));
      } catch (IllegalArgumentException | ArithmeticException e) {
        problems.add("input '%s' %s".formatted(input.name(), e.getMessage()));
      }
    }
    contradiction(values).ifPresent(problems::add);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", problems));
    }
    return values;
  }
}
