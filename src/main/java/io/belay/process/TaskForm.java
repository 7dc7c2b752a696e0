package io.belay.process;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.process.Refusal.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The form of a user task: what it shows and what it asks, read from its Camunda Form.
 *
 * @param elements texts and fields, in their order
 */
public record TaskForm(List<Element> elements) {

  /** One answer to choose from. */
  public record Choice(String value, String label) {}

  /**
   * A text or a field.
   *
   * @param type {@code text}, {@code textfield}, {@code textarea}, {@code select}, {@code radio},
   *     {@code checkbox}, {@code number}
   * @param key name of the value; null for a text
   * @param label of a field; the text itself, in Markdown, of a text
   * @param disabled whether it only shows
   * @param value that it has now; may be null
   * @param hiddenWhen condition such as {@code =decision != "no-go"}; may be null
   */
  public record Element(
      String type,
      String key,
      String label,
      String description,
      boolean required,
      boolean disabled,
      Integer minLength,
      Integer maxLength,
      List<Choice> choices,
      Object value,
      String hiddenWhen) {

    boolean isField() {
      return key != null && !disabled;
    }
  }

  /** The fields to fill in. */
  public List<Element> fields() {
    return elements.stream().filter(Element::isField).toList();
  }

  /**
   * Names are checked here, and that each has one value; values when the task is completed: however
   * that is done.
   *
   * @throws AnswerRefused naming each value that is no field: it would become a variable of the run
   */
  void requireKnown(Map<String, Object> values) {
    List<String> known = fields().stream().map(Element::key).toList();
    List<Problem> problems = new ArrayList<>();
    values.forEach(
        (name, value) -> {
          if (!known.contains(name)) {
            problems.add(
                new Problem(
                    name.length() <= 60 ? name : name.substring(0, 60) + "…",
                    "is unknown; known are " + known));
          } else if (value instanceof Collection || value instanceof Map) {
            problems.add(new Problem(name, "must be one value, not a list or an object"));
          }
        });
    if (!problems.isEmpty()) {
      throw new AnswerRefused(problems);
    }
  }

  static TaskForm parse(JsonNode form, Map<String, Object> values) {
    List<Element> elements = new ArrayList<>();
    collect(form, values, elements);
    return new TaskForm(List.copyOf(elements));
  }

  private static void collect(JsonNode parent, Map<String, Object> values, List<Element> elements) {
    for (JsonNode component : parent.path("components")) {
      String type = component.path("type").asText();
      if (type.equals("text") || component.hasNonNull("key") && !type.equals("group")) {
        elements.add(element(type, component, values));
      }
      collect(component, values, elements);
    }
  }

  private static Element element(String type, JsonNode component, Map<String, Object> values) {
    JsonNode rules = component.path("validate");
    String key = component.path("key").asText(null);
    List<Choice> choices = new ArrayList<>();
    component
        .path("values")
        .forEach(
            choice ->
                choices.add(
                    new Choice(
                        choice.path("value").asText(),
                        choice.path("label").asText(choice.path("value").asText()))));
    return new Element(
        type,
        key,
        type.equals("text") ? component.path("text").asText() : component.path("label").asText(key),
        component.path("description").asText(""),
        rules.path("required").asBoolean(false),
        component.path("disabled").asBoolean(false) || component.path("readonly").asBoolean(false),
        rules.hasNonNull("minLength") ? rules.path("minLength").asInt() : null,
        rules.hasNonNull("maxLength") ? rules.path("maxLength").asInt() : null,
        List.copyOf(choices),
        values.get(key),
        component.path("conditional").path("hide").asText(null));
  }
}
