package io.belay.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.process.RunRefused.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.repository.ProcessDefinition;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * The parameters of runbooks. They are declared once, in the start form (a Camunda Form): Tasklist
 * and the pages draw it, and every start is validated by it.
 */
@Component
public class RunbookParameters {

  /** The parameters of one runbook. */
  public record Declared(List<Parameter> all) {

    /**
     * The given values, converted, and the defaults of those not given.
     *
     * @throws RunRefused naming every parameter that is unknown, missing or wrong
     */
    public Map<String, Object> validate(Map<String, Object> given) {
      List<Problem> problems = new ArrayList<>();
      Map<String, Object> values = new LinkedHashMap<>();
      for (String name : given.keySet()) {
        if (all.stream().noneMatch(parameter -> parameter.name().equals(name))) {
          problems.add(
              new Problem(
                  shorten(name),
                  "is not a parameter of this runbook; known are "
                      + all.stream().map(Parameter::name).toList()));
        }
      }
      for (Parameter parameter : all) {
        Object value = given.get(parameter.name());
        if (value == null || value instanceof String text && text.isBlank()) {
          value = parameter.defaultValue();
        }
        if (value == null) {
          if (parameter.required()) {
            problems.add(new Problem(parameter.name(), "is required"));
          }
          continue;
        }
        try {
          values.put(parameter.name(), ParameterValues.convert(parameter, value));
        } catch (IllegalArgumentException | ArithmeticException e) {
          problems.add(new Problem(parameter.name(), e.getMessage()));
        }
      }
      if (!problems.isEmpty()) {
        throw new RunRefused(problems);
      }
      return values;
    }

    private static String shorten(String name) {
      return name.length() <= 60 ? name : name.substring(0, 60) + "…";
    }
  }

  private final ObjectProvider<RepositoryService> repository;
  private final ObjectMapper json;
  private final Map<String, Declared> byDefinition = new ConcurrentHashMap<>();

  RunbookParameters(ObjectProvider<RepositoryService> repository, ObjectMapper json) {
    this.repository = repository;
    this.json = json;
  }

  Declared of(ProcessDefinition definition) {
    return byDefinition.computeIfAbsent(definition.getId(), id -> read(definition));
  }

  private Declared read(ProcessDefinition definition) {
    RepositoryService engine = repository.getObject();
    String formRef =
        Unchecked.withoutAuthorization(
            () ->
                engine
                    .getBpmnModelInstance(definition.getId())
                    .getModelElementsByType(StartEvent.class)
                    .stream()
                    .map(StartEvent::getCamundaFormRef)
                    .filter(form -> form != null)
                    .findFirst()
                    .orElse(null));
    if (formRef == null) {
      return new Declared(List.of());
    }
    try (InputStream form =
        Unchecked.withoutAuthorization(
            () ->
                engine.getResourceAsStream(
                    definition.getDeploymentId(), "forms/" + formRef + ".form"))) {
      return parse(json.readTree(form));
    } catch (IOException e) {
      throw new IllegalStateException("form " + formRef + " cannot be read", e);
    }
  }

  /** Reads the parameters out of a Camunda Form. */
  static Declared parse(JsonNode form) {
    List<Parameter> parameters = new ArrayList<>();
    collect(form, parameters);
    return new Declared(List.copyOf(parameters));
  }

  private static void collect(JsonNode parent, List<Parameter> parameters) {
    for (JsonNode component : parent.path("components")) {
      if (component.hasNonNull("key") && !component.path("type").asText().equals("group")) {
        parameters.add(parameter(component));
      }
      collect(component, parameters);
    }
  }

  private static Parameter parameter(JsonNode component) {
    JsonNode rules = component.path("validate");
    List<String> choices = new ArrayList<>();
    component.path("values").forEach(choice -> choices.add(choice.path("value").asText()));
    return new Parameter(
        component.path("key").asText(),
        component.path("label").asText(component.path("key").asText()),
        component.path("description").asText(""),
        Parameter.Type.valueOf(
            component
                .path("properties")
                .path("type")
                .asText(standardType(component.path("type").asText()))
                .toUpperCase(Locale.ROOT)),
        rules.path("required").asBoolean(false),
        defaultValue(component.path("defaultValue")),
        choices,
        decimal(rules.path("min")),
        decimal(rules.path("max")),
        rules.hasNonNull("pattern") ? rules.path("pattern").asText() : null);
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

  private static BigDecimal decimal(JsonNode value) {
    return value.isNumber() || value.isTextual() ? new BigDecimal(value.asText()) : null;
  }

  /** Reading a model is not the user's act. */
  static final class Unchecked {

    private Unchecked() {}

    static <T> T withoutAuthorization(java.util.concurrent.Callable<T> read) {
      try {
        return Context.getCommandContext() == null
            ? read.call()
            : Context.getCommandContext().runWithoutAuthorization(read);
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
