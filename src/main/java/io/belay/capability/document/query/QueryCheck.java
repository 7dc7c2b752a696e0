package io.belay.capability.document.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;

/** Checks a query once, and compiles its regular expressions. */
final class QueryCheck {

  private static final Set<String> LISTS = Set.of("$in", "$nin");
  private static final Set<String> VALUES = Set.of("$lt", "$lte", "$gt", "$gte", "$ne", "$exists");

  private QueryCheck() {}

  static JsonNode query(String field, JsonNode query) {
    if (!Values.isPlainObject(query)) {
      throw new InvalidQuery(field, "must be an object");
    }
    ObjectNode checked = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> part : query.properties()) {
      String name = part.getKey();
      String place = field + "." + name;
      checked.set(
          name,
          name.startsWith("$")
              ? logical(place, name, part.getValue())
              : condition(place, part.getValue()));
    }
    return checked;
  }

  private static JsonNode logical(String place, String operator, JsonNode value) {
    switch (operator) {
      case "$not":
        return query(place, value);
      case "$and", "$or":
        if (!value.isArray()) {
          throw new InvalidQuery(place, "must be a list of queries");
        }
        ArrayNode checked = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < value.size(); i++) {
          checked.add(query("%s[%d]".formatted(place, i), value.get(i)));
        }
        return checked;
      default:
        throw new InvalidQuery(place, "is no operator on documents; there are $and, $or and $not");
    }
  }

  private static JsonNode condition(String place, JsonNode value) {
    if (!Values.isPlainObject(value) || value.isEmpty()) {
      return value;
    }
    long operators =
        value.properties().stream().filter(part -> part.getKey().startsWith("$")).count();
    if (operators == 0) {
      return value;
    }
    if (operators < value.size()) {
      throw new InvalidQuery(place, "must not mix operators and fields");
    }
    ObjectNode checked = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> part : value.properties()) {
      String name = part.getKey();
      if (name.equals("$options")) {
        if (!value.has("$regex")) {
          throw new InvalidQuery(place + ".$options", "belongs to $regex");
        }
      } else {
        checked.set(name, comparison(place + "." + name, name, value));
      }
    }
    return checked;
  }

  private static JsonNode comparison(String place, String operator, JsonNode condition) {
    JsonNode value = condition.get(operator);
    if (VALUES.contains(operator)) {
      return value;
    }
    if (LISTS.contains(operator)) {
      if (!value.isArray()) {
        throw new InvalidQuery(place, "must be a list");
      }
      return value;
    }
    return switch (operator) {
      case "$size" -> {
        if (!value.isNumber() || value.doubleValue() % 1 != 0) {
          throw new InvalidQuery(place, "must be a whole number");
        }
        yield value;
      }
      case "$elemMatch" -> element(place, value);
      case "$regex" -> regex(place, value, condition.path("$options"));
      default ->
          throw new InvalidQuery(
              place,
              "is no operator on values; there are $lt, $lte, $gt, $gte, $ne, $in, $nin, $exists,"
                  + " $regex, $size and $elemMatch");
    };
  }

  /**
   * Checks the condition on a list's elements: on an element's value, or a query if it is an
   * object.
   */
  private static JsonNode element(String place, JsonNode value) {
    if (!Values.isPlainObject(value)) {
      return value;
    }
    boolean ofDocument =
        value.properties().stream()
            .map(Map.Entry::getKey)
            .anyMatch(
                name -> !name.startsWith("$") || Set.of("$and", "$or", "$not").contains(name));
    return ofDocument ? query(place, value) : condition(place, value);
  }

  private static JsonNode regex(String place, JsonNode value, JsonNode options) {
    if (!value.isTextual()) {
      throw new InvalidQuery(place, "must be a text with a regular expression");
    }
    if (!options.isMissingNode() && !options.isTextual()) {
      throw new InvalidQuery(place, "has $options that are no text");
    }
    return JsonNodeFactory.instance.pojoNode(
        new Regex(place, value.textValue(), options.asText("")));
  }
}
