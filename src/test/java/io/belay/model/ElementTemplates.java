package io.belay.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.step.NamedValues;
import io.belay.step.StepTypes;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;

/**
 * Element templates for Camunda Modeler: each step as a form, made from what its delegate says. A
 * step is offered in the way in which the delivered models run it; one that they do not use, in
 * both.
 */
final class ElementTemplates {

  /** How a model runs a step. */
  enum Way {
    JOB,
    WORKER
  }

  static final String SCHEMA =
      "https://unpkg.com/@camunda/element-templates-json-schema/resources/schema.json";

  private final ObjectMapper json = new ObjectMapper();
  private final StepSentences sentences;

  ElementTemplates(StepSentences sentences) {
    this.sentences = sentences;
  }

  ArrayNode of(List<Class<?>> steps, Map<String, Set<Way>> ways) {
    ArrayNode templates = json.createArrayNode();
    for (Class<?> step : steps) {
      Set<Way> used = ways.getOrDefault(name(step), EnumSet.allOf(Way.class));
      for (Way way : used) {
        templates.add(template(step, way, used.size() > 1));
      }
    }
    return templates;
  }

  /** How the delivered models run their steps. */
  static Map<String, Set<Way>> usedWays() {
    Map<String, Set<Way>> ways = new TreeMap<>();
    Stream.of("runbooks", "phases")
        .flatMap(directory -> ModelFiles.in(directory).stream())
        .map(file -> Bpmn.readModelFromFile(file.toFile()))
        .flatMap(model -> model.getModelElementsByType(ServiceTask.class).stream())
        .forEach(
            task -> {
              String bean = task.getCamundaDelegateExpression();
              String step = bean == null ? task.getCamundaTopic() : bean.replaceAll("[${}]", "");
              ways.computeIfAbsent(step, name -> EnumSet.noneOf(Way.class))
                  .add(bean == null ? Way.WORKER : Way.JOB);
            });
    return ways;
  }

  private ObjectNode template(Class<?> type, Way way, boolean oneOfTwo) {
    String step = name(type);
    String suffix = way == Way.JOB ? "job" : "worker";
    ObjectNode template = json.createObjectNode();
    template.put("$schema", SCHEMA);
    template.put("name", label(type.getSimpleName()) + (oneOfTwo ? " (" + suffix + ")" : ""));
    template.put("id", "io.belay.step." + step + "." + suffix);
    template.put("description", sentences.of(step));
    template.putArray("appliesTo").add("bpmn:ServiceTask");
    template.putArray("groups").addObject().put("id", "inputs").put("label", "Step");
    ArrayNode properties = template.putArray("properties");
    if (way == Way.JOB) {
      hidden(properties, "camunda:delegateExpression").put("value", "${" + step + "}");
      hidden(properties, "camunda:asyncBefore").put("value", true);
    } else {
      hidden(properties, "camunda:type").put("value", "external");
      hidden(properties, "camunda:topic").put("value", step);
    }
    Class<?> inputs = StepTypes.record(type, 0);
    for (RecordComponent input : inputs.getRecordComponents()) {
      properties.add(input(step, InputField.of(inputs, input)));
    }
    for (RecordComponent result : StepTypes.record(type, 1).getRecordComponents()) {
      if (result.getType() != NamedValues.class) { // has no variable of its own name
        properties.add(output(result));
      }
    }
    return template;
  }

  private static ObjectNode hidden(ArrayNode properties, String name) {
    ObjectNode property = properties.addObject().put("type", "Hidden");
    property.putObject("binding").put("type", "property").put("name", name);
    return property;
  }

  private ObjectNode input(String step, InputField field) {
    ObjectNode property = json.createObjectNode();
    property.put("label", label(field.name()));
    property.put("description", sentences.of(step, field.name()));
    property.put("type", field.choices().isEmpty() ? "String" : "Dropdown");
    property.put("group", "inputs");
    if (!field.value().isEmpty()) {
      property.put("value", field.value());
    }
    if (!field.choices().isEmpty()) {
      ArrayNode choices = property.putArray("choices");
      field
          .choices()
          .forEach((value, name) -> choices.addObject().put("name", name).put("value", value));
    }
    ObjectNode constraints = json.createObjectNode();
    if (field.required()) {
      constraints.put("notEmpty", true);
    }
    if (field.pattern() != null) {
      constraints
          .putObject("pattern")
          .put("value", field.pattern())
          .put("message", field.message());
    }
    if (!constraints.isEmpty()) {
      property.set("constraints", constraints);
    }
    property.putObject("binding").put("type", "camunda:inputParameter").put("name", field.name());
    return property;
  }

  /** Without a type, so that Modeler shows it with a switch: a model takes what it needs. */
  private ObjectNode output(RecordComponent result) {
    ObjectNode property = json.createObjectNode();
    property.put("label", label(result.getName()));
    property.put("description", "Result: " + kind(result.getType()) + ".");
    property.put("value", result.getName());
    property
        .putObject("binding")
        .put("type", "camunda:outputParameter")
        .put("source", "${" + result.getName() + "}");
    return property;
  }

  private static String kind(Class<?> type) {
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(Object::toString)
          .collect(Collectors.joining(", "));
    }
    return switch (type.getSimpleName()) {
      case "boolean", "Boolean" -> "true or false";
      case "int", "long", "Integer", "Long" -> "a whole number";
      case "double", "Double", "Number", "Weight" -> "a number";
      default -> "a text";
    };
  }

  static String name(Class<?> step) {
    return Character.toLowerCase(step.getSimpleName().charAt(0))
        + step.getSimpleName().substring(1);
  }

  /** {@code database-migration} is {@code databaseMigration}. */
  static String camelCase(String kebabCase) {
    return Pattern.compile("-(.)")
        .matcher(kebabCase)
        .replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
  }

  /** {@code TakePostgresBackup} is "Take PostgreSQL backup". */
  static String label(String camelCase) {
    String words =
        camelCase
            .replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[a-z])(?=[0-9])", " ")
            .toLowerCase(Locale.ROOT);
    return (Character.toUpperCase(words.charAt(0)) + words.substring(1))
        .replace("postgres", "PostgreSQL")
        .replace("redis", "Redis");
  }
}
