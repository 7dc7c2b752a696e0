package io.belay.capability.check;

import io.belay.step.Verdict;
import java.util.ArrayList;
import java.util.List;

/** The problems that a check found: all of them, so that nobody has to run it once per problem. */
final class Findings {

  private static final int LONGEST_REASON = 500;

  private final List<String> problems = new ArrayList<>();

  void add(String format, Object... arguments) {
    problems.add(format.formatted(arguments));
  }

  int count() {
    return problems.size();
  }

  Verdict verdict() {
    return problems.isEmpty() ? Verdict.PASS : Verdict.FAIL;
  }

  /**
   * @param whenNone the reason of a check without problems
   */
  String reason(String whenNone) {
    return shortened(problems.isEmpty() ? whenNone : String.join("; ", problems));
  }

  static String shortened(String reason) {
    return reason.length() <= LONGEST_REASON
        ? reason
        : reason.substring(0, LONGEST_REASON - 1) + "…";
  }
}
