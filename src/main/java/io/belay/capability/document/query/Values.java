package io.belay.capability.document.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * JSON values as JavaScript and NeDB see them: {@code {"$$date": ms}} is a date, a missing node is
 * {@code undefined}, every number is a double.
 */
final class Values {

  static final JsonNode UNDEFINED = MissingNode.getInstance();
  private static final String DATE = "$$date";
  private static final double LATEST = 8.64e15;

  private Values() {}

  static boolean isUndefined(JsonNode value) {
    return value == null || value.isMissingNode();
  }

  static boolean isDate(JsonNode value) {
    return value.isObject() && value.has(DATE);
  }

  /** Whether it is a document or a plain object: no date, list or regular expression. */
  static boolean isPlainObject(JsonNode value) {
    return value.isObject() && !value.has(DATE);
  }

  /** Whether it is primitive; lists count as such, undefined does not. */
  static boolean isPrimitive(JsonNode value) {
    return !isUndefined(value) && !isPlainObject(value) && !value.isPojo();
  }

  private static boolean isScalar(JsonNode value) {
    return value.isNull() || value.isTextual() || value.isNumber() || value.isBoolean();
  }

  /** Milliseconds since 1970; NaN when JavaScript cannot read it as a date. */
  static double time(JsonNode date) {
    JsonNode value = date.get(DATE);
    double time =
        value.isTextual()
            ? parse(value.textValue())
            : value.isContainerNode() ? Double.NaN : number(value);
    return Math.abs(time) > LATEST ? Double.NaN : time < 0 ? Math.ceil(time) : Math.floor(time);
  }

  private static double parse(String text) {
    try {
      return Instant.parse(text).toEpochMilli();
    } catch (DateTimeException e) {
      return Double.NaN;
    }
  }

  static boolean isTruthy(JsonNode value) {
    return !isUndefined(value)
        && !value.isNull()
        && !(value.isBoolean() && !value.booleanValue())
        && !(value.isNumber() && (value.doubleValue() == 0 || Double.isNaN(value.doubleValue())))
        && !(value.isTextual() && value.textValue().isEmpty());
  }

  /** The field at that path; a list on the way gives the list of its elements' fields. */
  static JsonNode dot(JsonNode value, String[] path, int from) {
    if (!isTruthy(value)) {
      return UNDEFINED;
    }
    int left = path.length - from;
    if (left == 0) {
      return value;
    }
    JsonNode first = property(value, path[from]);
    if (left == 1) {
      return first;
    }
    if (!first.isArray()) {
      return dot(first, path, from + 1);
    }
    int index = leadingInteger(path[from + 1]);
    if (index != NO_INTEGER) {
      return dot(index < 0 ? UNDEFINED : element(first, index), path, from + 2);
    }
    ArrayNode values = JsonNodeFactory.instance.arrayNode(first.size());
    for (JsonNode element : first) {
      values.add(dot(element, path, from + 1));
    }
    return values;
  }

  private static JsonNode property(JsonNode value, String name) {
    if (isPlainObject(value)) {
      return value.path(name);
    }
    if (name.equals("length") && (value.isArray() || value.isTextual())) {
      return JsonNodeFactory.instance.numberNode(
          value.isArray() ? value.size() : value.textValue().length());
    }
    if (!name.matches("0|[1-9][0-9]{0,8}")) {
      return UNDEFINED;
    }
    int index = Integer.parseInt(name);
    if (value.isTextual() && index < value.textValue().length()) {
      return JsonNodeFactory.instance.textNode(value.textValue().substring(index, index + 1));
    }
    return value.isArray() ? element(value, index) : UNDEFINED;
  }

  private static JsonNode element(JsonNode list, int index) {
    return index < list.size() ? list.get(index) : UNDEFINED;
  }

  private static final int NO_INTEGER = Integer.MIN_VALUE;

  /** As JavaScript's parseInt: {@code "1x"} is 1. */
  private static int leadingInteger(String text) {
    var number = java.util.regex.Pattern.compile("\\s*([+-]?[0-9]+).*").matcher(text);
    if (!number.matches()) {
      return NO_INTEGER;
    }
    try {
      return Integer.parseInt(number.group(1));
    } catch (NumberFormatException tooLong) {
      return number.group(1).startsWith("-") ? -1 : Integer.MAX_VALUE;
    }
  }

  /** NeDB's equality: JavaScript's for scalars, else by content; undefined equals nothing. */
  static boolean equal(JsonNode a, JsonNode b) {
    if (isUndefined(a) || isUndefined(b)) {
      return false;
    }
    if (isScalar(a) || isScalar(b)) {
      return equalScalars(a, b);
    }
    if (isDate(a) || isDate(b)) {
      return isDate(a) && isDate(b) && time(a) == time(b);
    }
    if (a.isArray() != b.isArray() || a.size() != b.size() || a.isPojo() || b.isPojo()) {
      return false;
    }
    if (a.isArray()) {
      for (int i = 0; i < a.size(); i++) {
        if (!equal(a.get(i), b.get(i))) {
          return false;
        }
      }
      return true;
    }
    return a.properties().stream()
        .allMatch(field -> equal(field.getValue(), b.path(field.getKey())));
  }

  private static boolean equalScalars(JsonNode a, JsonNode b) {
    if (a.isNumber() && b.isNumber()) {
      return a.doubleValue() == b.doubleValue();
    }
    return (a.isNull() && b.isNull())
        || (a.isTextual() && b.isTextual() && a.textValue().equals(b.textValue()))
        || (a.isBoolean() && b.isBoolean() && a.booleanValue() == b.booleanValue());
  }

  /**
   * NeDB's order: undefined, null, numbers, texts, booleans, dates, lists, objects; within objects
   * by the values of the fields in the order of their names.
   */
  static int compare(JsonNode a, JsonNode b) {
    int rank = rank(a);
    int byRank = Integer.compare(rank, rank(b));
    if (byRank != 0) {
      return byRank;
    }
    return switch (rank) {
      case 2 -> compare(a.doubleValue(), b.doubleValue());
      case 3 -> Integer.signum(a.textValue().compareTo(b.textValue()));
      case 4 -> Boolean.compare(a.booleanValue(), b.booleanValue());
      case 5 -> compare(time(a), time(b));
      case 6 -> compare(elements(a), elements(b));
      case 7 -> compare(sorted(a), sorted(b));
      default -> 0;
    };
  }

  private static int rank(JsonNode value) {
    if (isUndefined(value)) {
      return 0;
    }
    if (value.isNull()) {
      return 1;
    }
    if (value.isNumber()) {
      return 2;
    }
    if (value.isTextual()) {
      return 3;
    }
    if (value.isBoolean()) {
      return 4;
    }
    return isDate(value) ? 5 : value.isArray() ? 6 : 7;
  }

  private static int compare(double a, double b) {
    return a == b ? 0 : Double.compare(a, b); // 0 equals -0
  }

  private static int compare(List<JsonNode> a, List<JsonNode> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      int byElement = compare(a.get(i), b.get(i));
      if (byElement != 0) {
        return byElement;
      }
    }
    return Integer.compare(a.size(), b.size());
  }

  private static List<JsonNode> elements(JsonNode list) {
    List<JsonNode> elements = new ArrayList<>(list.size());
    list.forEach(elements::add);
    return elements;
  }

  private static List<JsonNode> sorted(JsonNode object) {
    return object.properties().stream()
        .sorted(java.util.Map.Entry.comparingByKey())
        .map(java.util.Map.Entry::getValue)
        .toList();
  }

  /** Whether {@code a < b} and the like are evaluated; otherwise they are false. */
  static boolean areComparable(JsonNode a, JsonNode b) {
    if (!isOrdered(a) && !isOrdered(b)) {
      return false;
    }
    return type(a).equals(type(b));
  }

  private static boolean isOrdered(JsonNode value) {
    return !isUndefined(value) && (value.isTextual() || value.isNumber() || isDate(value));
  }

  private static String type(JsonNode value) {
    return isUndefined(value)
        ? "undefined"
        : value.isTextual()
            ? "string"
            : value.isNumber() ? "number" : value.isBoolean() ? "boolean" : "object";
  }

  /**
   * JavaScript's order of two comparable values: texts by code units, all else as numbers.
   *
   * @return NaN when neither is less, equal or greater
   */
  static double order(JsonNode a, JsonNode b) {
    if (a.isTextual() && b.isTextual()) {
      return a.textValue().compareTo(b.textValue());
    }
    double left = number(a);
    double right = number(b);
    return left < right ? -1 : left > right ? 1 : left == right ? 0 : Double.NaN;
  }

  private static double number(JsonNode value) {
    if (value.isNumber()) {
      return value.doubleValue();
    }
    if (value.isNull()) {
      return 0;
    }
    if (value.isBoolean()) {
      return value.booleanValue() ? 1 : 0;
    }
    if (value.isTextual()) {
      return textNumber(value.textValue());
    }
    if (value.isArray()) {
      return listNumber(value);
    }
    return isDate(value) ? time(value) : Double.NaN;
  }

  /** Converts the list's text to a number: empty is 0, one element is that element's text. */
  private static double listNumber(JsonNode list) {
    if (list.isEmpty()) {
      return 0;
    }
    JsonNode only = list.get(0);
    if (list.size() > 1 || only.isBoolean() || only.isObject()) {
      return Double.NaN;
    }
    return isUndefined(only) ? 0 : number(only);
  }

  private static double textNumber(String text) {
    String number = text.strip();
    if (number.isEmpty()) {
      return 0;
    }
    return number.matches("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?")
        ? Double.parseDouble(number)
        : Double.NaN;
  }
}
