package io.belay.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.model.Refusal.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.delegate.Expression;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.camunda.bpm.engine.impl.task.TaskDefinition;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Camunda Forms, read as declarations: the server demands what a form asks for, whoever sends the
 * answer.
 */
@Component
public class Forms {

  /** What one form asks for; fields that only show something are left out. */
  public record Declared(List<Parameter> all) {

    static final Declared NONE = new Declared(List.of());

    /** The fields that are shown: one whose label is a variable without a value is left out. */
    Declared shownWith(Function<String, Object> variables) {
      return new Declared(
          all.stream()
              .flatMap(
                  field ->
                      FormText.variable(field.label())
                          .map(
                              name ->
                                  FormText.of(variables.apply(name)).map(field::labelled).stream())
                          .orElseGet(() -> Stream.of(field)))
              .toList());
    }

    /**
     * Checks the given values.
     *
     * @param values receives the given values, converted, and the defaults of those not given
     * @return what is unknown, missing or wrong
     */
    public List<Problem> check(Map<String, Object> given, Map<String, Object> values) {
      List<Problem> problems = new ArrayList<>();
      for (String name : given.keySet()) {
        if (all.stream().noneMatch(parameter -> parameter.name().equals(name))) {
          problems.add(
              new Problem(
                  shorten(name),
                  "is unknown; known are " + all.stream().map(Parameter::name).toList()));
        }
      }
      for (Parameter parameter : all) {
        Object value = given.get(parameter.name());
        if (value == null || value instanceof String text && text.isBlank()) {
          value = parameter.defaultValue();
        }
        if (value == null) {
          if (parameter.required()) {
            problems.add(new Problem(parameter.name(), missing(parameter)));
          }
          continue;
        }
        try {
          values.put(parameter.name(), ParameterValues.convert(parameter, value));
        } catch (IllegalArgumentException | ArithmeticException e) {
          problems.add(new Problem(parameter.name(), e.getMessage()));
        }
      }
      return problems;
    }

    private static String missing(Parameter parameter) {
      return parameter.type() == Parameter.Type.FILE
          ? "is required: upload the file first, on the run page or by PUT /api/tasks/{id}/proof"
          : "is required";
    }

    /** The field that holds the uploaded file; empty when the form asks for none. */
    public Optional<Parameter> file() {
      return all.stream().filter(field -> field.type() == Parameter.Type.FILE).findFirst();
    }

    private static String shorten(String name) {
      return name.length() <= 60 ? name : name.substring(0, 60) + "…";
    }
  }

  private final ObjectProvider<RepositoryService> repository;
  private final ObjectMapper json;
  private final Map<String, Declared> forms = new ConcurrentHashMap<>();

  Forms(ObjectProvider<RepositoryService> repository, ObjectMapper json) {
    this.repository = repository;
    this.json = json;
  }

  /** The form of that id in a deployment. */
  public Declared of(String deploymentId, String formRef) {
    return forms.computeIfAbsent(
        deploymentId + "/" + formRef, key -> parse(read(deploymentId, formRef)));
  }

  /** The form of a user task, as deployed with the execution's model and shown to people. */
  public Declared of(ExecutionEntity execution, TaskDefinition task) {
    Expression form = task.getCamundaFormDefinitionKey();
    return form == null
        ? Declared.NONE
        : of(execution.getProcessDefinition().getDeploymentId(), form.getExpressionText())
            .shownWith(execution::getVariable);
  }

  /** The form itself, as it was deployed. */
  JsonNode read(String deploymentId, String formRef) {
    try (InputStream form =
        Unchecked.withoutAuthorization(
            () ->
                repository
                    .getObject()
                    .getResourceAsStream(deploymentId, "forms/" + formRef + ".form"))) {
      return json.readTree(form);
    } catch (IOException e) {
      throw new IllegalStateException("form " + formRef + " cannot be read", e);
    }
  }

  /** Reads the fields of a Camunda Form. */
  public static Declared parse(JsonNode form) {
    List<Parameter> parameters = new ArrayList<>();
    collect(form, parameters);
    return new Declared(List.copyOf(parameters));
  }

  private static void collect(JsonNode parent, List<Parameter> parameters) {
    for (JsonNode component : parent.path("components")) {
      if (isField(component)) {
        parameters.add(parameter(component));
      }
      collect(component, parameters);
    }
  }

  private static boolean isField(JsonNode component) {
    return isUpload(component)
        || component.hasNonNull("key")
            && !component.path("type").asText().equals("group")
            && !component.path("disabled").asBoolean()
            && !component.path("readonly").asBoolean();
  }

  /** Whether a component shows an uploaded file: nobody types into it, but it may be required. */
  public static boolean isUpload(JsonNode component) {
    return component.hasNonNull("key")
        && component.path("properties").path("type").asText().equals("file");
  }

  private static Parameter parameter(JsonNode component) {
    JsonNode rules = component.path("validate");
    List<String> choices = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    for (JsonNode choice : component.path("values")) {
      String value = choice.path("value").asText();
      choices.add(value);
      labels.add(choice.path("label").asText(value));
    }
    DeclaredType type =
        DeclaredType.parse(
            component
                .path("properties")
                .path("type")
                .asText(standardType(component.path("type").asText())));
    return new Parameter(
        component.path("key").asText(),
        component.path("label").asText(component.path("key").asText()),
        component.path("description").asText(""),
        type.type(),
        rules.path("required").asBoolean(false),
        defaultValue(component.path("defaultValue")),
        choices,
        labels,
        decimal(rules.path("min"), rules.path("minLength")),
        decimal(rules.path("max"), rules.path("maxLength")),
        rules.hasNonNull("pattern") ? rules.path("pattern").asText() : null,
        type.kinds());
  }

  private static String standardType(String formType) {
    return switch (formType) {
      case "checkbox" -> "boolean";
      case "number" -> "decimal";
      case "select", "radio" -> "choice";
      default -> "text";
    };
  }

  private static Object defaultValue(JsonNode value) {
    if (value.isMissingNode() || value.isNull() || value.asText().isEmpty()) {
      return null;
    }
    return value.isBoolean() ? (Object) value.booleanValue() : value.asText();
  }

  private static BigDecimal decimal(JsonNode ofNumber, JsonNode ofText) {
    JsonNode value = ofNumber.isMissingNode() ? ofText : ofNumber;
    return value.isNumber() || value.isTextual() ? new BigDecimal(value.asText()) : null;
  }
}
