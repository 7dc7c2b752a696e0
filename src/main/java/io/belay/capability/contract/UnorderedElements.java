package io.belay.capability.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds for each element of an old array its counterpart in a new one, whatever their order: first
 * one that is equal in all that is known of the old ones; then, among few that are left, one
 * without a breaking difference; then any, so that what differs is told.
 */
final class UnorderedElements {

  /** More than so many different elements are not each compared with each. */
  private static final int MOST_TRIED = 50;

  /**
   * @param index in the old array
   */
  record Pair(int index, JsonNode baseline, JsonNode candidate) {}

  private record Element(int index, JsonNode node, String text) {}

  private final ComparisonRules rules;
  private final JsonPath path;
  private final boolean thorough;
  private final List<Element> old = new ArrayList<>();
  private final List<Element> now = new ArrayList<>();

  /**
   * @param path of the arrays
   * @param thorough whether elements that are not equal are compared each with each
   */
  UnorderedElements(
      ComparisonRules rules,
      JsonPath path,
      boolean thorough,
      JsonNode baseline,
      JsonNode candidate) {
    this.rules = rules;
    this.thorough = thorough;
    this.path = path;
    Set<List<String>> known = new HashSet<>();
    int depth = path.depth();
    baseline.forEach(
        element -> {
          path.enterElement(0);
          CanonicalJson.collect(element, path, depth, known);
          path.leave();
        });
    CanonicalJson canonical = new CanonicalJson(rules, path, known);
    for (int i = 0; i < baseline.size(); i++) {
      old.add(new Element(i, baseline.get(i), canonical.of(baseline.get(i), i)));
    }
    for (int i = 0; i < candidate.size(); i++) {
      now.add(new Element(i, candidate.get(i), canonical.of(candidate.get(i), i)));
    }
  }

  /** As many as the shorter array has elements. */
  List<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    pairEqual(pairs);
    boolean choice = old.size() > 1 || now.size() > 1;
    if (thorough && choice && old.size() <= MOST_TRIED && now.size() <= MOST_TRIED) {
      pairCompatible(pairs);
    }
    old.sort(Comparator.comparing(Element::text));
    now.sort(Comparator.comparing(Element::text));
    for (int i = 0; i < Math.min(old.size(), now.size()); i++) {
      pairs.add(pair(old.get(i), now.get(i)));
    }
    pairs.sort(Comparator.comparingInt(Pair::index));
    return pairs;
  }

  private static Pair pair(Element old, Element now) {
    return new Pair(old.index(), old.node(), now.node());
  }

  private void pairEqual(List<Pair> pairs) {
    Map<String, Deque<Element>> byText = new HashMap<>();
    now.forEach(one -> byText.computeIfAbsent(one.text(), text -> new ArrayDeque<>()).add(one));
    Set<Integer> paired = new HashSet<>();
    old.removeIf(
        one -> {
          Element equal = byText.getOrDefault(one.text(), new ArrayDeque<>()).poll();
          if (equal != null) {
            pairs.add(pair(one, equal));
            paired.add(equal.index());
          }
          return equal != null;
        });
    now.removeIf(one -> paired.contains(one.index()));
  }

  /** As many pairs as possible (augmenting paths). */
  private void pairCompatible(List<Pair> pairs) {
    boolean[][] compatible = new boolean[old.size()][now.size()];
    for (int i = 0; i < old.size(); i++) {
      for (int j = 0; j < now.size(); j++) {
        compatible[i][j] = isCompatible(old.get(i), now.get(j));
      }
    }
    int[] takenBy = new int[now.size()];
    Arrays.fill(takenBy, -1);
    for (int i = 0; i < old.size(); i++) {
      augment(i, compatible, takenBy, new boolean[now.size()]);
    }
    Set<Element> paired = new HashSet<>();
    for (int j = 0; j < takenBy.length; j++) {
      if (takenBy[j] >= 0) {
        pairs.add(pair(old.get(takenBy[j]), now.get(j)));
        paired.add(old.get(takenBy[j]));
        paired.add(now.get(j));
      }
    }
    old.removeIf(one -> contains(paired, one));
    now.removeIf(one -> contains(paired, one));
  }

  private static boolean contains(Set<Element> elements, Element one) {
    return elements.stream().anyMatch(other -> other == one);
  }

  private static boolean augment(int i, boolean[][] compatible, int[] takenBy, boolean[] seen) {
    for (int j = 0; j < takenBy.length; j++) {
      if (compatible[i][j] && !seen[j]) {
        seen[j] = true;
        if (takenBy[j] < 0 || augment(takenBy[j], compatible, takenBy, seen)) {
          takenBy[j] = i;
          return true;
        }
      }
    }
    return false;
  }

  private boolean isCompatible(Element one, Element other) {
    path.enterElement(one.index());
    boolean breaks =
        new JsonComparison(rules, path, false)
            .of(one.node(), other.node()).stream().anyMatch(Difference::breaking);
    path.leave();
    return !breaks;
  }
}
