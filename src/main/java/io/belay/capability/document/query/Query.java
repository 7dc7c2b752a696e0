package io.belay.capability.document.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.POJONode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A condition on documents, as the library evaluates it. {@link QueryCheck} checks it once and
 * refuses in advance what the library would refuse at the first document.
 */
public final class Query {

  /** Matches every document. */
  public static final Query ALL = new Query(JsonNodeFactory.instance.objectNode());

  private final JsonNode condition;

  private Query(JsonNode condition) {
    this.condition = condition;
  }

  /**
   * @param field place of the query in the request
   * @throws InvalidQuery naming the place and the rule
   */
  public static Query of(String field, JsonNode condition) {
    return new Query(QueryCheck.query(field, condition));
  }

  /**
   * @throws Deadline.QueryTooSlow when the deadline has passed
   */
  public boolean matches(JsonNode document, Deadline deadline) {
    return match(document, condition, deadline);
  }

  /** The only ids that can match, in the form of the library's keys; empty when any may. */
  public Optional<List<String>> ids() {
    JsonNode id = condition.path("_id");
    if (id.isTextual() || id.isNumber()) {
      return Optional.of(List.of(key(id)));
    }
    JsonNode in = id.path("$in");
    if (!in.isArray()) {
      return Optional.empty();
    }
    List<String> ids = new ArrayList<>();
    for (JsonNode one : in) {
      if (!one.isTextual() && !one.isNumber()) {
        return Optional.empty();
      }
      ids.add(key(one));
    }
    return Optional.of(ids.stream().distinct().toList());
  }

  private static String key(JsonNode id) {
    return id.isTextual() ? id.textValue() : JavaScript.string(id.doubleValue());
  }

  private static boolean match(JsonNode document, JsonNode query, Deadline deadline) {
    if (Values.isPrimitive(document) || Values.isPrimitive(query)) {
      return matchValue(document, query, false, deadline);
    }
    for (Map.Entry<String, JsonNode> part : query.properties()) {
      String name = part.getKey();
      boolean matches =
          name.startsWith("$")
              ? logical(name, document, part.getValue(), deadline)
              : matchValue(
                  Values.dot(document, name.split("\\.", -1), 0), part.getValue(), false, deadline);
      if (!matches) {
        return false;
      }
    }
    return true;
  }

  private static boolean logical(
      String operator, JsonNode document, JsonNode query, Deadline deadline) {
    switch (operator) {
      case "$and":
        for (JsonNode one : query) {
          if (!match(document, one, deadline)) {
            return false;
          }
        }
        return true;
      case "$or":
        for (JsonNode one : query) {
          if (match(document, one, deadline)) {
            return true;
          }
        }
        return false;
      case "$not":
        return !match(document, query, deadline);
      default:
        throw new InvalidQuery(operator, "compares values, but is asked of a document");
    }
  }

  private static boolean matchValue(
      JsonNode value, JsonNode query, boolean wholeList, Deadline deadline) {
    if (!Values.isUndefined(value) && value.isArray() && !wholeList) {
      if (query.isArray() || query.has("$size") || query.has("$elemMatch")) {
        return matchValue(value, query, true, deadline);
      }
      for (JsonNode element : value) {
        if (matchValue(element, query, false, deadline)) {
          return true;
        }
      }
      return false;
    }
    if (Values.isPlainObject(query)
        && !query.isEmpty()
        && query.fieldNames().next().startsWith("$")) {
      for (Map.Entry<String, JsonNode> part : query.properties()) {
        if (!compare(part.getKey(), value, part.getValue(), deadline)) {
          return false;
        }
      }
      return true;
    }
    return Values.equal(value, query);
  }

  private static boolean compare(
      String operator, JsonNode value, JsonNode wanted, Deadline deadline) {
    return switch (operator) {
      case "$lt" -> Values.areComparable(value, wanted) && Values.order(value, wanted) < 0;
      case "$lte" -> Values.areComparable(value, wanted) && Values.order(value, wanted) <= 0;
      case "$gt" -> Values.areComparable(value, wanted) && Values.order(value, wanted) > 0;
      case "$gte" -> Values.areComparable(value, wanted) && Values.order(value, wanted) >= 0;
      case "$ne" -> Values.isUndefined(value) || !Values.equal(value, wanted);
      case "$in" -> isIn(value, wanted);
      case "$nin" -> !isIn(value, wanted);
      case "$exists" ->
          Values.isUndefined(value) != (Values.isTruthy(wanted) || wanted.isTextual());
      case "$regex" ->
          !Values.isUndefined(value)
              && value.isTextual()
              && ((Regex) ((POJONode) wanted).getPojo()).finds(value.textValue(), deadline);
      case "$size" ->
          !Values.isUndefined(value) && value.isArray() && value.size() == wanted.doubleValue();
      case "$elemMatch" -> hasElement(value, wanted, deadline);
      default -> throw new InvalidQuery(operator, "asks of a document, but is used on a value");
    };
  }

  private static boolean isIn(JsonNode value, JsonNode list) {
    for (JsonNode one : list) {
      if (Values.equal(value, one)) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasElement(JsonNode value, JsonNode query, Deadline deadline) {
    if (Values.isUndefined(value) || !value.isArray()) {
      return false;
    }
    for (JsonNode element : value) {
      if (match(element, query, deadline)) {
        return true;
      }
    }
    return false;
  }
}
