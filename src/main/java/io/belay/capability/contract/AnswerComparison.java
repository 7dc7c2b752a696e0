package io.belay.capability.contract;

import io.belay.capability.contract.Difference.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Compares two answers of the same request: the status; then, if it is the same, whatever it is,
 * the chosen headers and the body.
 */
final class AnswerComparison {

  private final ComparisonRules rules;
  private final List<Difference> found = new ArrayList<>();

  private AnswerComparison(ComparisonRules rules) {
    this.rules = rules;
  }

  /** Answers of another status are not compared further: nothing in them would be the same. */
  static List<Difference> of(Answer baseline, Answer candidate, ComparisonRules rules) {
    if (baseline.status() != candidate.status()) {
      return List.of(
          new Difference(
              Kind.STATUS,
              "status",
              Integer.toString(baseline.status()),
              Integer.toString(candidate.status())));
    }
    AnswerComparison comparison = new AnswerComparison(rules);
    if (baseline.headers() != null && candidate.headers() != null) {
      rules.headers().forEach(name -> comparison.header(name, baseline, candidate));
    }
    comparison.bodies(Body.of(baseline), Body.of(candidate));
    return comparison.found;
  }

  private void header(String name, Answer baseline, Answer candidate) {
    String was = value(name, baseline);
    String is = value(name, candidate);
    String path = "header " + name;
    if (was.isEmpty() && is.isEmpty()) {
      return;
    }
    if (is.isEmpty()) {
      found.add(new Difference(Kind.MISSING, path, shown(name, was), ""));
    } else if (was.isEmpty()) {
      found.add(new Difference(Kind.EXTRA, path, "", shown(name, is)));
    } else if ((rules.values() || name.equals("content-type"))
        && !rules.varyingHeaders().contains(name)
        && !was.equals(is)) {
      found.add(new Difference(Kind.VALUE, path, shown(name, was), shown(name, is)));
    }
  }

  private String shown(String name, String value) {
    return rules.shown(List.of(name), value);
  }

  private static String value(String name, Answer answer) {
    String all = String.join(", ", answer.headers().getOrDefault(name, List.of())).strip();
    return name.equals("content-type") ? mediaType(all) : all;
  }

  /** Case, blanks and quotes mean nothing; nor does UTF-8 at JSON, which is always that. */
  private static String mediaType(String written) {
    String plain = written.toLowerCase(Locale.ROOT).replaceAll("[\\s\"]", "");
    return Body.isJson(plain) ? plain.replace(";charset=utf-8", "") : plain;
  }

  private void bodies(Body baseline, Body candidate) {
    if (rules.ignored().match(List.of()) || baseline.isEmpty() && candidate.isEmpty()) {
      return;
    }
    if (baseline.isEmpty()) {
      found.add(new Difference(Kind.EXTRA, "", "", candidate.kind()));
    } else if (candidate.isEmpty()) {
      found.add(new Difference(Kind.MISSING, "", baseline.kind(), ""));
    } else if (baseline.json() != null && candidate.json() != null) {
      if (candidate.twice() != null && !candidate.twice().equals(baseline.twice())) {
        found.add(new Difference(Kind.TWICE, candidate.twice(), "once", "twice"));
      }
      found.addAll(new JsonComparison(rules).of(baseline.json(), candidate.json()));
    } else if (baseline.json() != null || candidate.json() != null) {
      found.add(new Difference(Kind.FORMAT, "", baseline.kind(), candidate.kind()));
    } else if (rules.values()
        && !rules.varying().match(List.of())
        && !Arrays.equals(baseline.bytes(), candidate.bytes())) {
      found.add(
          new Difference(
              Kind.VALUE,
              "",
              rules.shown(List.of(), baseline.summary()),
              rules.shown(List.of(), candidate.summary())));
    }
  }
}
