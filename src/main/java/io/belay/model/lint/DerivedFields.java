package io.belay.model.lint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.model.DeclaredType;
import io.belay.model.Parameter;
import io.belay.model.PhaseInputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaIn;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaOut;

/**
 * The fields of a runbook's start form that its own file does not have: a parameter that a call
 * passes to a declared input of a phase is asked for as that input is declared, with its type,
 * default and rules. So deadlines, expiries and windows are declared once, in the phases.
 */
public final class DerivedFields {

  private static final String DURATION =
      "^(P(?!$)(\\d+D)?(T(?=\\d)(\\d+H)?(\\d+M)?(\\d+(\\.\\d+)?S)?)?|\\d+(ms|s|m|h|d))$";

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * An input that gets the parameter.
   *
   * @param call that passes it
   */
  record Use(CallActivity call, Parameter input) {

    /** The properties on which all uses of a parameter must agree. */
    List<Object> rules() {
      return Arrays.asList(
          input.type(),
          input.kinds(),
          input.choices(),
          input.defaultValue(),
          input.minimum(),
          input.maximum(),
          input.pattern());
    }
  }

  private DerivedFields() {}

  /**
   * The set with complete start forms.
   *
   * @param models content by name; an unreadable file stays as it is, the lint reports it
   */
  public static Map<String, byte[]> complete(Map<String, byte[]> models) {
    ModelSet set = new ModelReader(ignored -> {}).read(models, new Steps(List.of()));
    Map<String, byte[]> completed = new TreeMap<>(models);
    completed(set).forms().stream()
        .filter(form -> !set.forms().contains(form))
        .forEach(form -> completed.put(form.file(), bytes(form.json())));
    return completed;
  }

  /** The same for a set that has been read. */
  static ModelSet completed(ModelSet set) {
    Map<String, FormFile> forms = new LinkedHashMap<>();
    set.forms().forEach(form -> forms.put(form.file(), form));
    for (ProcessFile runbook : set.runbooks()) {
      Map<String, Parameter> fields = fields(set, runbook);
      startForm(set, runbook)
          .filter(form -> !fields.isEmpty())
          .ifPresent(
              form -> {
                ObjectNode json = form.json().deepCopy();
                append(json, fields.values());
                forms.put(form.file(), new FormFile(form.file(), json));
              });
    }
    return new ModelSet(set.steps(), set.processes(), set.decisions(), List.copyOf(forms.values()));
  }

  /** Refuses a parameter for which two phases have different rules: the form must declare it. */
  static void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile runbook : set.runbooks()) {
      uses(set, runbook)
          .forEach(
              (name, uses) ->
                  uses.stream()
                      .filter(use -> !use.rules().equals(uses.get(0).rules()))
                      .forEach(
                          use ->
                              out.accept(
                                  runbook.finding(
                                      use.call(),
                                      "passes '%s', for which %s has another type, default or rule than %s; declare it in the start form"
                                          .formatted(
                                              name,
                                              use.call().getCalledElement(),
                                              uses.get(0).call().getCalledElement())))));
    }
  }

  /** The parameters that the form lacks, in the order of the calls. */
  private static Map<String, Parameter> fields(ModelSet set, ProcessFile runbook) {
    Map<String, Parameter> fields = new LinkedHashMap<>();
    uses(set, runbook)
        .forEach(
            (name, uses) -> {
              Use first = uses.get(0);
              boolean ofOneCall = uses.size() == 1 && !first.input().name().equals(name);
              fields.put(
                  name,
                  named(
                      first.input(),
                      name,
                      ofOneCall
                          ? first.input().label() + " of " + lower(first.call().getName())
                          : first.input().label()));
            });
    return fields;
  }

  /**
   * For each parameter that neither the form nor a call supplies: the inputs that it is passed to.
   */
  static Map<String, List<Use>> uses(ModelSet set, ProcessFile runbook) {
    Set<String> given = new HashSet<>(Set.of("environment", "starter", "reason"));
    startForm(set, runbook).ifPresent(form -> given.addAll(form.json().findValuesAsText("key")));
    runbook.all(CallActivity.class).stream()
        .flatMap(call -> Parameters.extensions(call, CamundaOut.class).stream())
        .map(CamundaOut::getCamundaTarget)
        .forEach(given::add);
    Map<String, List<Use>> uses = new LinkedHashMap<>();
    for (CallActivity call : runbook.all(CallActivity.class)) {
      Optional<PhaseInputs> declared = set.called(call).flatMap(ProcessFile::inputs);
      for (CamundaIn in : Parameters.extensions(call, CamundaIn.class)) {
        Optional<String> source = source(in).filter(name -> !given.contains(name));
        declared
            .flatMap(inputs -> inputs.find(String.valueOf(in.getCamundaTarget())))
            .ifPresent(
                input ->
                    source.ifPresent(
                        name ->
                            uses.computeIfAbsent(name, any -> new ArrayList<>())
                                .add(new Use(call, input))));
      }
    }
    return uses;
  }

  static Optional<String> source(CamundaIn in) {
    return Optional.ofNullable(in.getCamundaSource())
        .or(
            () ->
                Optional.ofNullable(in.getCamundaSourceExpression())
                    .flatMap(PlainExpressions::variable));
  }

  static Optional<FormFile> startForm(ModelSet set, ProcessFile runbook) {
    return Flow.entries(runbook.process()).stream()
        .filter(StartEvent.class::isInstance)
        .map(start -> ((StartEvent) start).getCamundaFormRef())
        .flatMap(ref -> set.forms().stream().filter(form -> form.name().equals(ref)))
        .findFirst();
  }

  private static Parameter named(Parameter input, String name, String label) {
    return new Parameter(
        name,
        label,
        input.description(),
        input.type(),
        input.required(),
        input.defaultValue(),
        input.choices(),
        input.choiceLabels(),
        input.minimum(),
        input.maximum(),
        input.pattern(),
        input.kinds());
  }

  private static String lower(String name) {
    String text = name == null ? "" : name;
    return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
  }

  private static void append(ObjectNode form, Iterable<Parameter> fields) {
    ArrayNode components = form.withArray("components");
    for (Parameter field : fields) {
      ObjectNode component = components.addObject();
      component.put("type", component(field.type()));
      component.put("key", field.name());
      component.put("label", field.label());
      if (!field.description().isBlank()) {
        component.put("description", field.description());
      }
      ObjectNode rules = component.putObject("validate");
      boolean checkBox = field.type() == Parameter.Type.BOOLEAN;
      if (checkBox) {
        component.put("defaultValue", "true".equals(field.defaultValue()));
      } else {
        rules.put("required", field.required() || field.defaultValue() != null);
        if (field.defaultValue() != null) {
          component.put("defaultValue", field.defaultValue().toString());
        }
      }
      limits(field, component, rules);
      component.putObject("properties").put("type", DeclaredType.of(field).toString());
      component.put("id", "Field_" + field.name());
      component.putObject("layout").put("row", "Row_" + field.name()).putNull("columns");
    }
  }

  private static String component(Parameter.Type type) {
    return switch (type) {
      case BOOLEAN -> "checkbox";
      case INTEGER, DECIMAL -> "number";
      case CHOICE -> "select";
      default -> "textfield";
    };
  }

  private static void limits(Parameter field, ObjectNode component, ObjectNode rules) {
    boolean number =
        field.type() == Parameter.Type.INTEGER || field.type() == Parameter.Type.DECIMAL;
    if (field.minimum() != null && field.type() != Parameter.Type.DURATION) { // the phase checks
      rules.put(number ? "min" : "minLength", field.minimum());
    }
    if (field.maximum() != null) {
      rules.put(number ? "max" : "maxLength", field.maximum());
    }
    if (field.type() == Parameter.Type.INTEGER) {
      component.put("decimalDigits", 0).put("increment", "1");
    }
    if (field.type() == Parameter.Type.DURATION) {
      rules.put("pattern", DURATION);
    } else if (field.pattern() != null) {
      rules.put("pattern", field.pattern());
    }
    if (field.type() == Parameter.Type.CHOICE) {
      ArrayNode values = component.putArray("values");
      for (int i = 0; i < field.choices().size(); i++) {
        values
            .addObject()
            .put("label", field.choiceLabels().get(i))
            .put("value", field.choices().get(i));
      }
    }
  }

  private static byte[] bytes(JsonNode form) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(form);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
