package io.belay.process;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.process.RunRefused.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The form of a user task: what it shows and what it asks, read from its Camunda Form.
 *
 * @param elements texts and fields, in their order
 */
public record TaskForm(List<Element> elements) {

  private static final Pattern CONDITION =
      Pattern.compile("=\\s*(\\w+)\\s*(!=|=)\\s*(?:\"([^\"]*)\"|(true|false))\\s*");

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
   * The values to complete the task with.
   *
   * @throws TaskRefused naming each field that is unknown, missing or wrong
   */
  Map<String, Object> check(Map<String, Object> given) {
    List<Problem> problems = new ArrayList<>();
    for (String name : given.keySet()) {
      if (fields().stream().noneMatch(field -> field.key().equals(name))) {
        problems.add(
            new Problem(
                name.length() <= 60 ? name : name.substring(0, 60) + "…",
                "is not a field of this task; known are "
                    + fields().stream().map(Element::key).toList()));
      }
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (Element field : fields()) {
      Object value = given.get(field.key());
      if (isHidden(field, given)) {
        continue;
      }
      String broken = rule(field, value);
      if (broken != null) {
        problems.add(new Problem(field.key(), broken));
      } else if (value != null) {
        values.put(field.key(), value);
      }
    }
    if (!problems.isEmpty()) {
      throw new TaskRefused(problems);
    }
    return values;
  }

  private static String rule(Element field, Object value) {
    if (field.type().equals("checkbox")) {
      if (value != null && !(value instanceof Boolean)) {
        return "must be true or false";
      }
      return field.required() && !Boolean.TRUE.equals(value) ? "must be confirmed" : null;
    }
    if (value == null || value instanceof String text && text.isBlank()) {
      return field.required() ? "is required" : null;
    }
    if (field.type().equals("number")) {
      return value instanceof Number ? null : "must be a number";
    }
    if (!(value instanceof String text)) {
      return "must be a text";
    }
    if (!field.choices().isEmpty()) {
      List<String> allowed = field.choices().stream().map(Choice::value).toList();
      return allowed.contains(text) ? null : "must be one of " + allowed;
    }
    int most = field.maxLength() == null ? 4000 : field.maxLength();
    if (text.length() > most) {
      return "must have at most %d characters".formatted(most);
    }
    if (field.minLength() != null && text.strip().length() < field.minLength()) {
      return "must have at least %d characters".formatted(field.minLength());
    }
    return null;
  }

  /** A condition of another shape hides nothing: then the field is asked for. */
  private static boolean isHidden(Element field, Map<String, Object> given) {
    Matcher condition = CONDITION.matcher(field.hiddenWhen() == null ? "" : field.hiddenWhen());
    if (!condition.matches()) {
      return false;
    }
    String wanted = condition.group(3) == null ? condition.group(4) : condition.group(3);
    boolean equal = wanted.equals(String.valueOf(given.get(condition.group(1))));
    return condition.group(2).equals("=") == equal;
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
