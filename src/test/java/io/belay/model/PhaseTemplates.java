package io.belay.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.Process;

/**
 * Element templates for Camunda Modeler: the call of each phase that declares its inputs as a form.
 * A field takes a value, or a parameter as {@code ${name}}.
 */
final class PhaseTemplates {

  private static final String VARIABLE = "\\$\\{[A-Za-z][A-Za-z0-9]*\\}";

  private final ObjectMapper json = new ObjectMapper();

  List<ObjectNode> all() {
    List<ObjectNode> templates = new ArrayList<>();
    for (Path file : ModelFiles.in("phases")) {
      BpmnModelInstance model = Bpmn.readModelFromFile(file.toFile());
      PhaseInputs.of(model)
          .ifPresent(
              inputs ->
                  templates.add(
                      template(
                          model.getModelElementsByType(Process.class).iterator().next(), inputs)));
    }
    return templates;
  }

  ObjectNode template(Process phase, PhaseInputs inputs) {
    ObjectNode template = json.createObjectNode();
    template.put("$schema", ElementTemplates.SCHEMA);
    template.put("name", "Phase: " + phase.getName());
    template.put("id", "io.belay.phase." + phase.getId());
    template.put(
        "description",
        phase.getDocumentations().stream()
            .map(text -> text.getTextContent().trim())
            .findFirst()
            .orElse(phase.getName()));
    template.putArray("appliesTo").add("bpmn:CallActivity");
    template.putArray("groups").addObject().put("id", "inputs").put("label", "Phase");
    ArrayNode properties = template.putArray("properties");
    hidden(properties, "property", "calledElement", phase.getId());
    hidden(properties, "property", "camunda:calledElementBinding", "deployment");
    hidden(properties, "camunda:in:businessKey", null, "#{execution.processBusinessKey}");
    inputs.all().forEach(input -> properties.add(field(input)));
    if (!phase.getId().startsWith("undo-")) {
      ObjectNode outcome =
          properties
              .addObject()
              .put("label", "Outcome")
              .put("description", "Variable that the gateway behind the phase asks.")
              .put("type", "String")
              .put("group", "inputs")
              .put("value", ElementTemplates.camelCase(phase.getId()) + "Outcome");
      outcome.putObject("constraints").put("notEmpty", true);
      outcome.putObject("binding").put("type", "camunda:out").put("source", "outcome");
      ObjectNode reason = properties.addObject().put("type", "Hidden").put("value", "reason");
      reason.putObject("binding").put("type", "camunda:out").put("source", "reason");
    }
    return template;
  }

  private static void hidden(ArrayNode properties, String type, String name, String value) {
    ObjectNode property = properties.addObject().put("type", "Hidden").put("value", value);
    ObjectNode binding = property.putObject("binding").put("type", type);
    if (name != null) {
      binding.put("name", name);
    }
  }

  private ObjectNode field(Parameter input) {
    ObjectNode field = json.createObjectNode();
    field.put("label", input.label());
    String type = DeclaredType.of(input).toString();
    field.put(
        "description",
        input.description().isBlank()
            ? "A value of type %s.".formatted(type)
            : input.description());
    field.put("type", input.choices().isEmpty() ? "String" : "Dropdown");
    field.put("group", "inputs");
    if (input.defaultValue() != null) {
      field.put("value", input.defaultValue().toString());
    }
    if (!input.choices().isEmpty()) {
      ArrayNode choices = field.putArray("choices");
      for (int i = 0; i < input.choices().size(); i++) {
        choices
            .addObject()
            .put("name", input.choiceLabels().get(i))
            .put("value", input.choices().get(i));
      }
      choices
          .addObject()
          .put("name", "as the parameter '%s' says".formatted(input.name()))
          .put("value", "${" + input.name() + "}");
    }
    ObjectNode constraints = json.createObjectNode();
    if (input.required()) {
      constraints.put("notEmpty", true);
    }
    String pattern = pattern(input);
    if (pattern != null) {
      constraints
          .putObject("pattern")
          .put("value", "^(%s|%s)$".formatted(VARIABLE, pattern))
          .put("message", "A value of type %s, or a parameter such as ${name}".formatted(type));
    }
    if (!constraints.isEmpty()) {
      field.set("constraints", constraints);
    } else {
      field.put("optional", true);
    }
    field
        .putObject("binding")
        .put("type", "camunda:in")
        .put("target", input.name())
        .put("expression", true);
    return field;
  }

  private static String pattern(Parameter input) {
    return switch (input.type()) {
      case BOOLEAN -> "true|false";
      case INTEGER -> "-?[0-9]+";
      case DURATION -> InputField.DURATION;
      case TARGET -> "[A-Za-z0-9][A-Za-z0-9_-]*";
      case TARGETS -> "([A-Za-z0-9][A-Za-z0-9_-]*( *, *[A-Za-z0-9][A-Za-z0-9_-]*)*)?";
      default -> null;
    };
  }
}
