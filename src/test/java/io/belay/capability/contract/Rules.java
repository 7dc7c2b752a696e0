package io.belay.capability.contract;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Rules of a comparison, and answers to compare. */
record Rules(
    List<String> headers,
    List<String> varying,
    List<String> ignored,
    List<String> unordered,
    boolean values) {

  static final Rules ALL =
      new Rules(List.of("content-type"), List.of(), List.of(), List.of(), true);

  Rules headers(String... names) {
    return new Rules(List.of(names), varying, ignored, unordered, values);
  }

  Rules varying(String... paths) {
    return new Rules(headers, List.of(paths), ignored, unordered, values);
  }

  Rules ignored(String... paths) {
    return new Rules(headers, varying, List.of(paths), unordered, values);
  }

  Rules unordered(String... paths) {
    return new Rules(headers, varying, ignored, List.of(paths), values);
  }

  Rules structure() {
    return new Rules(headers, varying, ignored, unordered, false);
  }

  RequestsTarget target(Path file) {
    return new RequestsTarget(file, null, headers, varying, ignored, unordered);
  }

  List<Difference> found(Answer baseline, Answer candidate) {
    return AnswerComparison.of(
        baseline,
        candidate,
        ComparisonRules.of(target(Path.of("list")), values, UnaryOperator.identity()));
  }

  /** What differs in two JSON bodies, as people read it. */
  List<String> differences(String baseline, String candidate) {
    return sentences(found(json(200, baseline), json(200, candidate)));
  }

  static List<String> sentences(List<Difference> found) {
    return found.stream().map(one -> (one.breaking() ? "" : "(added) ") + one.describe()).toList();
  }

  static Answer json(int status, String body) {
    return answer(status, "application/json", body.getBytes(StandardCharsets.UTF_8));
  }

  static Answer answer(int status, String type, byte[] body) {
    return new Answer(
        status, type.isEmpty() ? Map.of() : Map.of("content-type", List.of(type)), type, body);
  }
}
