package io.belay.capability.configuration;

import io.belay.capability.configuration.EnvFile.Entry;
import io.belay.step.Verdict;
import io.belay.target.Secret;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What stands between the old and the new version's {@code .env} file, under the guide's renames
 * and additions. The new file must have, with a value: every key of the old one under its new name,
 * and every added key; optional keys excepted. A key that was empty in the old file may stay empty.
 *
 * @param missing required keys that the candidate lacks
 * @param empty required keys without a value
 * @param unknown keys that only the candidate has and that nobody announced
 * @param changed keys with another value than the baseline's
 * @param dangling keys whose value refers to a key that was renamed away
 * @param problems lines that are not understood, so that any key may be hidden in them
 * @param findings one line for each of them; values only as hashes
 */
record ConfigurationReview(
    List<String> missing,
    List<String> empty,
    List<String> unknown,
    List<String> changed,
    List<String> dangling,
    List<String> problems,
    List<String> findings) {

  static ConfigurationReview of(ConfigurationTarget rules, EnvFile baseline, EnvFile candidate) {
    ConfigurationReview review =
        new ConfigurationReview(
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    baseline.problems().forEach(problem -> review.problem("baseline: " + problem));
    candidate.problems().forEach(problem -> review.problem("candidate: " + problem));
    baseline.remarks().forEach(remark -> review.findings.add("baseline: " + remark));
    candidate.remarks().forEach(remark -> review.findings.add("candidate: " + remark));
    Map<String, Origin> expected = expected(rules, baseline);
    Set<String> optional = new HashSet<>(rules.optional());
    expected.forEach(
        (key, origin) ->
            review.judge(
                key,
                origin,
                candidate.entries().get(key),
                optional.contains(key) || optional.contains(origin.key())));
    candidate.entries().keySet().stream()
        .filter(key -> !expected.containsKey(key) && !optional.contains(key))
        .forEach(key -> review.unknown(key, rules.renames().get(key)));
    rules.renames().forEach((old, key) -> review.references(candidate, old, key));
    return review;
  }

  /**
   * Fails when a required key is missing or empty, or refers to a key that is gone; inconclusive
   * when a line is not understood.
   */
  Verdict verdict() {
    if (!missing.isEmpty() || !empty.isEmpty() || !dangling.isEmpty()) {
      return Verdict.FAIL;
    }
    return problems.isEmpty() ? Verdict.PASS : Verdict.INCONCLUSIVE;
  }

  /** Where a key of the new file comes from; without value when the old file has none. */
  private record Origin(String key, Secret value, String why) {}

  private static Map<String, Origin> expected(ConfigurationTarget rules, EnvFile baseline) {
    Map<String, Origin> expected = new LinkedHashMap<>();
    baseline
        .entries()
        .forEach(
            (key, entry) -> {
              String renamed = rules.renames().get(key);
              expected.put(
                  renamed == null ? key : renamed,
                  new Origin(
                      key,
                      entry.value(),
                      renamed == null ? "the baseline has it" : "renamed from " + key));
            });
    rules
        .renames()
        .forEach(
            (old, key) -> expected.putIfAbsent(key, new Origin(old, null, "renamed from " + old)));
    rules.added().forEach(key -> expected.putIfAbsent(key, new Origin(key, null, "new")));
    return expected;
  }

  private void judge(String key, Origin origin, Entry present, boolean optional) {
    boolean hadValue = origin.value() != null && origin.value().isPresent();
    if (present == null) {
      if (!optional) {
        missing.add(key);
        findings.add(
            "missing: %s (%s%s)"
                .formatted(key, origin.why(), hadValue ? ", " + hash(origin.value()) : ""));
      }
    } else if (!present.value().isPresent()) {
      if (!optional && (hadValue || origin.value() == null)) {
        empty.add(key);
        findings.add("empty: %s (%s)".formatted(key, origin.why()));
      }
    } else if (origin.value() != null && !origin.value().equals(present.value())) {
      changed.add(key);
      findings.add(
          "changed: %s (%s, now %s)".formatted(key, hash(origin.value()), hash(present.value())));
    }
  }

  private void problem(String problem) {
    problems.add(problem);
    findings.add("not understood: " + problem);
  }

  private void references(EnvFile candidate, String old, String key) {
    if (candidate.entries().containsKey(old)) {
      return;
    }
    for (Entry entry : candidate.entries().values()) {
      if (entry.refersTo(old)) {
        dangling.add(entry.key());
        findings.add("dangling: %s refers to %s, which is %s now".formatted(entry.key(), old, key));
      }
    }
  }

  private void unknown(String key, String renamedTo) {
    unknown.add(key);
    findings.add(
        renamedTo == null
            ? "unknown: %s (neither in the baseline nor announced as new)".formatted(key)
            : "unknown: %s (the old name of %s)".formatted(key, renamedTo));
  }

  /** Enough to tell two values apart, not enough to know one. */
  private static String hash(Secret value) {
    return value.isPresent() ? "sha256:" + Digests.sha256(value.reveal()).substring(0, 8) : "empty";
  }
}
