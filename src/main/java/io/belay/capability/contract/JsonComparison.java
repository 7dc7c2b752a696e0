package io.belay.capability.contract;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.capability.contract.Difference.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares two JSON documents: numbers by their value (1 is 1.0 and 1e0), texts by their
 * characters, objects without regard to the order of their keys. A field that is null is there.
 */
final class JsonComparison {

  private static final int MOST_OF_A_KIND = 100;

  /** Arrays without order within so many others are compared in their order. */
  private static final int DEEPEST_UNORDERED = 8;

  private final ComparisonRules rules;
  private final JsonPath path;
  private final boolean thorough;
  private final List<Difference> found = new ArrayList<>();
  private int unorderedAround;
  private int breaking;
  private int others;

  JsonComparison(ComparisonRules rules) {
    this(rules, new JsonPath(), true);
  }

  /**
   * @param path at which the documents are; as it was when this returns
   * @param thorough whether elements of arrays without order are tried one with the other; a trial
   *     within a trial would take forever
   */
  JsonComparison(ComparisonRules rules, JsonPath path, boolean thorough) {
    this.rules = rules;
    this.path = path;
    this.thorough = thorough;
  }

  /** All differences, in the order of the old document; of very many the first ones. */
  List<Difference> of(JsonNode baseline, JsonNode candidate) {
    compare(baseline, candidate, rules.values());
    return found;
  }

  /**
   * {@code object}, {@code array}, {@code string}, {@code number}, {@code boolean}, {@code null}.
   */
  static String type(JsonNode node) {
    return node.getNodeType().toString().toLowerCase(Locale.ROOT);
  }

  private static String typeWithArticle(JsonNode node) {
    String type = type(node);
    return node.isNull() ? type : (node.isContainerNode() ? "an " : "a ") + type;
  }

  private void compare(JsonNode baseline, JsonNode candidate, boolean values) {
    if (rules.ignored().match(path.steps())) {
      return;
    }
    boolean exact = values && !rules.varying().match(path.steps());
    if (!type(baseline).equals(type(candidate))) {
      if (exact || !baseline.isNull()) { // what is null now and then has a type that null hides
        add(Kind.TYPE, typeWithArticle(baseline), typeWithArticle(candidate));
      }
    } else if (baseline.isObject()) {
      objects(baseline, candidate, exact);
    } else if (!baseline.isArray()) {
      if (exact && !same(baseline, candidate)) {
        add(Kind.VALUE, shown(baseline), shown(candidate));
      }
    } else if (!exact) {
      structures(baseline, candidate);
    } else if (unorderedAround < DEEPEST_UNORDERED && rules.unordered().match(path.steps())) {
      requireLength(baseline, candidate);
      unorderedAround++;
      new UnorderedElements(rules, path, thorough, baseline, candidate)
          .pairs()
          .forEach(this::element);
      unorderedAround--;
    } else {
      requireLength(baseline, candidate);
      for (int i = 0; i < Math.min(baseline.size(), candidate.size()); i++) {
        element(new UnorderedElements.Pair(i, baseline.get(i), candidate.get(i)));
      }
    }
  }

  private static boolean same(JsonNode baseline, JsonNode candidate) {
    return baseline.isNumber()
        ? baseline.decimalValue().compareTo(candidate.decimalValue()) == 0
        : baseline.equals(candidate);
  }

  private void objects(JsonNode baseline, JsonNode candidate, boolean values) {
    for (Map.Entry<String, JsonNode> field : baseline.properties()) {
      path.enterField(field.getKey());
      JsonNode now = candidate.get(field.getKey());
      if (now != null) {
        compare(field.getValue(), now, values);
      } else if (!rules.ignored().match(path.steps())) {
        add(Kind.MISSING, shown(field.getValue()), "");
      }
      path.leave();
    }
    for (Map.Entry<String, JsonNode> field : candidate.properties()) {
      path.enterField(field.getKey());
      if (!baseline.has(field.getKey()) && !rules.ignored().match(path.steps())) {
        add(Kind.EXTRA, "", shown(field.getValue()));
      }
      path.leave();
    }
  }

  private void requireLength(JsonNode baseline, JsonNode candidate) {
    if (baseline.size() != candidate.size()) {
      add(Kind.LENGTH, elements(baseline), elements(candidate));
    }
  }

  private static String elements(JsonNode array) {
    return array.size() == 1 ? "1 element" : array.size() + " elements";
  }

  private void element(UnorderedElements.Pair pair) {
    path.enterElement(pair.index());
    compare(pair.baseline(), pair.candidate(), true);
    path.leave();
  }

  /**
   * Each element of the new array must be built like one of the old; of an empty one all are. An
   * array that had elements and is empty now shows none of its structure.
   */
  private void structures(JsonNode baseline, JsonNode candidate) {
    if (baseline.isEmpty()) {
      return;
    }
    if (candidate.isEmpty()) {
      requireLength(baseline, candidate);
      return;
    }
    Map<String, JsonNode> old = new LinkedHashMap<>();
    baseline.forEach(element -> old.putIfAbsent(shape(element), element));
    Map<String, Integer> now = new LinkedHashMap<>();
    for (int i = 0; i < candidate.size(); i++) {
      now.putIfAbsent(shape(candidate.get(i)), i);
    }
    now.values()
        .forEach(
            index -> {
              path.enterElement(index);
              fewest(old.values(), candidate.get(index)).forEach(this::add);
              path.leave();
            });
  }

  private List<Difference> fewest(Iterable<JsonNode> olds, JsonNode candidate) {
    List<Difference> fewest = null;
    for (JsonNode old : olds) {
      JsonComparison one = new JsonComparison(rules, path, thorough);
      one.compare(old, candidate, false);
      if (fewest == null || breaking(one.found) < breaking(fewest)) {
        fewest = one.found;
      }
      if (breaking(fewest) == 0) {
        break;
      }
    }
    return fewest;
  }

  private static long breaking(List<Difference> differences) {
    return differences.stream().filter(Difference::breaking).count();
  }

  /** The same for elements that are built alike. */
  private static String shape(JsonNode node) {
    if (node.isObject()) {
      Map<String, String> fields = new TreeMap<>();
      node.properties().forEach(field -> fields.put(field.getKey(), shape(field.getValue())));
      return fields.toString();
    }
    if (node.isArray()) {
      List<String> elements = new ArrayList<>();
      node.forEach(element -> elements.add(shape(element)));
      return elements.stream().distinct().sorted().toList().toString();
    }
    return type(node);
  }

  private void add(Kind kind, String baseline, String candidate) {
    add(new Difference(kind, rules.mask().apply(path.toString()), baseline, candidate));
  }

  /** Counts both kinds by themselves: additions, however many, displace no breaking difference. */
  private void add(Difference difference) {
    if ((difference.breaking() ? breaking++ : others++) < MOST_OF_A_KIND) {
      found.add(difference);
    }
  }

  private String shown(JsonNode node) {
    if (node.isObject()) {
      return "an object";
    }
    return node.isArray() ? elements(node) : rules.shown(path.steps(), node.toString());
  }
}
