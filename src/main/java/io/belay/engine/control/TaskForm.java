package io.belay.engine.control;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.engine.law.AnswerRefused;
import io.belay.model.FormText;
import io.belay.model.Forms;
import io.belay.model.Refusal.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.lang.Nullable;

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
   *     {@code checkbox}, {@code number}, {@code file} (read-only: an upload sets it)
   * @param key name of the value; null for a text
   * @param label of a field; for a text, the text itself, in Markdown
   * @param disabled whether it is read-only
   * @param value current value; may be null
   * @param hiddenWhen condition such as {@code =decision != "no-go"}; may be null
   */
  public record Element(
      String type,
      @Nullable String key,
      String label,
      String description,
      boolean required,
      boolean disabled,
      @Nullable Integer minLength,
      @Nullable Integer maxLength,
      List<Choice> choices,
      @Nullable Object value,
      @Nullable String hiddenWhen) {

    boolean isField() {
      return key != null && !disabled;
    }
  }

  /** The fields to fill in. */
  public List<Element> fields() {
    return elements.stream().filter(Element::isField).toList();
  }

  /**
   * Checks that each name is a field with a single value. The values themselves are checked when
   * the task is completed, through whatever interface.
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
      String type = Forms.isUpload(component) ? "file" : component.path("type").asText();
      if (isHeading(component)) {
        elements.add(heading(component));
      }
      if (type.equals("text") || component.hasNonNull("key") && !type.equals("group")) {
        String text = component.path(type.equals("text") ? "text" : "label").asText();
        Optional<String> variable = FormText.variable(text);
        Optional<String> shown =
            variable.isEmpty()
                ? Optional.of(text)
                : FormText.of(values.get(variable.orElseThrow()));
        shown.ifPresent(
            label -> elements.add(element(type, label, variable.isEmpty(), component, values)));
      }
      collect(component, values, elements);
    }
  }

  /** A group of fields has its label above it. */
  private static boolean isHeading(JsonNode component) {
    return component.path("type").asText().equals("group")
        && !component.path("label").asText().isBlank();
  }

  private static Element heading(JsonNode group) {
    return new Element(
        "text",
        null,
        "### " + group.path("label").asText(),
        "",
        false,
        false,
        null,
        null,
        List.of(),
        null,
        null);
  }

  /** The variables that the form shows: values of its fields, texts and labels. */
  static Set<String> variables(JsonNode form) {
    Set<String> names = new HashSet<>(form.findValuesAsText("key"));
    Stream.of("text", "label")
        .flatMap(name -> form.findValuesAsText(name).stream())
        .flatMap(text -> FormText.variable(text).stream())
        .forEach(names::add);
    return names;
  }

  private static Element element(
      String type,
      String label,
      boolean conditional,
      JsonNode component,
      Map<String, Object> values) {
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
        label.isEmpty() && key != null ? key : label,
        component.path("description").asText(""),
        rules.path("required").asBoolean(false),
        component.path("disabled").asBoolean(false) || component.path("readonly").asBoolean(false),
        rules.hasNonNull("minLength") ? rules.path("minLength").asInt() : null,
        rules.hasNonNull("maxLength") ? rules.path("maxLength").asInt() : null,
        List.copyOf(choices),
        values.get(key),
        conditional ? component.path("conditional").path("hide").asText(null) : null);
  }
}
