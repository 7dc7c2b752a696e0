package io.belay.security;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a JSON body may hold. A shape builds the body for the engine from what it checked, so that
 * nothing unknown passes.
 */
@FunctionalInterface
interface BodyShape {

  /** The body breaks a rule; the message names the field and the rule. */
  final class Refused extends Exception {
    Refused(String field, String rule) {
      super(field + ": " + rule);
    }
  }

  /**
   * @param field path of the value, for messages
   * @param sent never null and no JSON null
   */
  JsonNode rebuild(String field, JsonNode sent) throws Refused;

  /** Types of variables that hold one value and no object. */
  Set<String> SCALARS = Set.of("String", "Boolean", "Integer", "Long", "Double", "Date", "Null");

  Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,99}");

  BodyShape TEXT = (field, sent) -> require(sent.isTextual(), field, "must be a text", sent);
  BodyShape FLAG = (field, sent) -> require(sent.isBoolean(), field, "must be true or false", sent);
  BodyShape WHOLE =
      (field, sent) -> require(sent.isIntegralNumber(), field, "must be a whole number", sent);
  BodyShape ONLY_FALSE =
      (field, sent) -> require(sent.isBoolean() && !sent.asBoolean(), field, "must be false", sent);

  /** No body, or an empty object. */
  BodyShape NOTHING =
      (field, sent) -> require(sent.isObject() && sent.isEmpty(), field, "must be empty", sent);

  /**
   * Any plain data, as queries, filters and the administration of users need it, but nothing that
   * the engine would evaluate.
   */
  BodyShape PLAIN = BodyShape::plain;

  /** Variables by name, each with one value of a scalar type. */
  BodyShape VARIABLES = BodyShape::variables;

  /** An object with these fields and no others; those that are null are left out. */
  static BodyShape object(Map<String, BodyShape> fields) {
    return (field, sent) -> {
      require(sent.isObject(), field, "must be an object", sent);
      ObjectNode built = JsonNodeFactory.instance.objectNode();
      for (Map.Entry<String, JsonNode> given : sent.properties()) {
        String at = field.isEmpty() ? given.getKey() : field + "." + given.getKey();
        BodyShape shape = fields.get(given.getKey());
        if (given.getValue().isNull()) {
          continue;
        }
        if (shape == null) {
          throw new Refused(
              at, "is not accepted here; known are " + fields.keySet().stream().sorted().toList());
        }
        built.set(given.getKey(), shape.rebuild(at, given.getValue()));
      }
      return built;
    };
  }

  /** An array of these. */
  static BodyShape list(BodyShape items) {
    return (field, sent) -> {
      require(sent.isArray(), field, "must be a list", sent);
      ArrayNode built = JsonNodeFactory.instance.arrayNode();
      for (JsonNode item : sent) {
        built.add(items.rebuild(field + "[" + built.size() + "]", item));
      }
      return built;
    };
  }

  /** Fields of an object: name, shape, name, shape, … */
  static Map<String, BodyShape> fields(Object... namesAndShapes) {
    Map<String, BodyShape> fields = new LinkedHashMap<>();
    for (int i = 0; i < namesAndShapes.length; i += 2) {
      fields.put((String) namesAndShapes[i], (BodyShape) namesAndShapes[i + 1]);
    }
    return fields;
  }

  /** The engine evaluates the values of such keys and parameters, in nested queries too. */
  static boolean isEvaluated(String name) {
    return name.toLowerCase(Locale.ROOT).endsWith("expression");
  }

  private static JsonNode plain(String field, JsonNode sent) throws Refused {
    if (sent.isArray()) {
      return list(PLAIN).rebuild(field, sent);
    }
    if (!sent.isObject()) {
      return sent;
    }
    ObjectNode built = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> given : sent.properties()) {
      String at = field.isEmpty() ? given.getKey() : field + "." + given.getKey();
      if (isEvaluated(given.getKey())) {
        throw new Refused(at, "expressions are not evaluated here; give the value itself");
      }
      built.set(given.getKey(), plain(at, given.getValue()));
    }
    return built;
  }

  private static JsonNode variables(String field, JsonNode sent) throws Refused {
    require(sent.isObject(), field, "must be an object", sent);
    ObjectNode built = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> given : sent.properties()) {
      String at = field + "." + given.getKey();
      require(
          VARIABLE.matcher(given.getKey()).matches(),
          at,
          "a name has letters, digits, '_', '.' and '-', at most 100, and begins with a letter",
          sent);
      built.set(given.getKey(), variable(at, given.getValue()));
    }
    return built;
  }

  private static JsonNode variable(String field, JsonNode sent) throws Refused {
    require(sent.isObject(), field, "must be an object with a value", sent);
    for (Map.Entry<String, JsonNode> given : sent.properties()) {
      boolean known =
          Set.of("value", "type").contains(given.getKey())
              || given.getValue().isNull()
              || given.getKey().equals("valueInfo") && given.getValue().isEmpty();
      require(known, field + "." + given.getKey(), "is not accepted here", sent);
    }
    JsonNode value = sent.path("value");
    require(
        value.isMissingNode() || value.isValueNode(),
        field,
        "must be one text, number, true or false, not an object or a list",
        sent);
    ObjectNode built = JsonNodeFactory.instance.objectNode();
    if (!value.isMissingNode()) {
      built.set("value", value);
    }
    if (sent.hasNonNull("type")) {
      built.put("type", type(field, sent.path("type").asText(), value));
    }
    return built;
  }

  private static String type(String field, String sent, JsonNode value) throws Refused {
    String type =
        SCALARS.stream()
            .filter(known -> known.equalsIgnoreCase(sent))
            .findFirst()
            .orElseThrow(
                () ->
                    new Refused(
                        field,
                        "type '%s' is not accepted; accepted are %s"
                            .formatted(sent, SCALARS.stream().sorted().toList())));
    boolean fits =
        value.isNull()
            || value.isMissingNode()
            || switch (type) {
              case "Boolean" -> value.isBoolean();
              case "Integer", "Long" -> value.isIntegralNumber();
              case "Double" -> value.isNumber();
              case "Null" -> false;
              default -> value.isTextual();
            };
    require(fits, field, "the value is no " + type, value);
    return type;
  }

  private static JsonNode require(boolean holds, String field, String rule, JsonNode sent)
      throws Refused {
    if (!holds) {
      throw new Refused(field.isEmpty() ? "The body" : field, rule);
    }
    return sent;
  }
}
