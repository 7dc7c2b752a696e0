package io.belay.capability.check;

import io.belay.step.TargetName;
import io.belay.target.Environment;
import io.belay.target.RouterTarget;
import java.util.ArrayList;
import java.util.List;

/** Which version is measured beside which. */
final class MeasuredSides {

  private MeasuredSides() {}

  /** Why the sides are not those that the router has; empty when they can be. */
  static List<String> problems(MeasureHealth.Input input, Environment environment) {
    List<String> problems = new ArrayList<>();
    String candidate = input.candidate();
    String baseline = input.baseline();
    if (candidate.equals(baseline)) {
      problems.add("'%s' is to be compared with itself".formatted(candidate));
    }
    String name = input.router();
    if (name == null || name.isBlank() || name.equals(TargetName.NONE)) {
      return problems;
    }
    RouterTarget router = environment.target(name, RouterTarget.class);
    boolean distinct = !router.candidate().equals(router.baseline());
    if (distinct && (candidate.equals(router.baseline()) || router.candidate().equals(baseline))) {
      problems.add(
          "the health of '%s' is asked beside '%s', but to '%s' the new version is '%s' and the old one '%s'"
              .formatted(candidate, baseline, name, router.candidate(), router.baseline()));
    }
    return problems;
  }
}
