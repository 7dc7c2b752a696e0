package io.belay.capability.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A text that is the same for two parts of documents that do not differ under the rules, whatever
 * the order of their keys.
 */
final class CanonicalJson {

  private final ComparisonRules rules;
  private final JsonPath path;
  private final int depth;
  private final Set<List<String>> known;

  /**
   * @param path at which the parts are
   * @param known general paths below it; fields at others are left out
   */
  CanonicalJson(ComparisonRules rules, JsonPath path, Set<List<String>> known) {
    this.rules = rules;
    this.path = path;
    this.depth = path.depth();
    this.known = known;
  }

  /** Adds the general paths of all fields of an element. */
  static void collect(JsonNode node, JsonPath path, int depth, Set<List<String>> into) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      path.enterField(field.getKey());
      into.add(path.generalFrom(depth));
      collect(field.getValue(), path, depth, into);
      path.leave();
    }
    if (node.isArray()) {
      for (JsonNode element : node) {
        path.enterElement(0);
        collect(element, path, depth, into);
        path.leave();
      }
    }
  }

  /** Of an element of an array at the path. */
  String of(JsonNode element, int index) {
    path.enterElement(index);
    String text = of(element);
    path.leave();
    return text;
  }

  private String of(JsonNode node) {
    if (rules.ignored().match(path.steps())) {
      return "";
    }
    if (node.isObject()) {
      return object(node);
    }
    if (node.isArray()) {
      return array(node);
    }
    return rules.varying().match(path.steps()) ? JsonComparison.type(node) : scalar(node);
  }

  private String object(JsonNode node) {
    Map<String, String> fields = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      path.enterField(field.getKey());
      if (known.contains(path.generalFrom(depth)) && !rules.ignored().match(path.steps())) {
        fields.put(field.getKey(), of(field.getValue()));
      }
      path.leave();
    }
    return fields.toString();
  }

  private String array(JsonNode node) {
    boolean unordered = rules.unordered().match(path.steps());
    List<String> elements = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      elements.add(of(node.get(i), i));
    }
    if (unordered) {
      elements.sort(null);
    }
    return elements.toString();
  }

  private static String scalar(JsonNode node) {
    return node.isNumber() ? node.decimalValue().stripTrailingZeros().toString() : node.toString();
  }
}
