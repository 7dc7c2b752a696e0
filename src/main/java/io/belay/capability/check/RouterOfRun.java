package io.belay.capability.check;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.belay.capability.check.ServiceLocations.Replacement;
import io.belay.step.InvalidStepInput;
import io.belay.step.StepContext;
import io.belay.step.TargetName;
import io.belay.target.RouterTarget;
import io.belay.target.Target;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The router that sends users to the candidate: the one that the input names, else the one at which
 * this run moved the candidate's traffic. A gate that names none does not pass on probes alone
 * while users get their answers from the candidate.
 */
final class RouterOfRun {

  /** What matters of the input of {@code shiftTraffic}. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Shift(String router) {}

  private RouterOfRun() {}

  /**
   * @param named by the input; {@code none} or absent for none
   * @return {@code none} when no router is named and none sent users to the candidate
   * @throws InvalidStepInput when the run moved traffic at several routers and none of them has a
   *     side of the candidate's name
   */
  static String of(String candidate, String named, StepContext context) {
    if (named != null && !named.isBlank() && !named.equals(TargetName.NONE)) {
      return named;
    }
    Set<String> replacedAt =
        context.started("replaceInstance").stream()
            .map(past -> past.input(Replacement.class))
            .filter(replacement -> candidate.equals(replacement.to()))
            .map(Replacement::router)
            .collect(Collectors.toCollection(TreeSet::new));
    if (!replacedAt.isEmpty()) {
      return only(candidate, replacedAt);
    }
    Set<String> shifted = new TreeSet<>();
    Set<String> ofTheName = new TreeSet<>();
    Map<String, Target> targets = context.environment().targets();
    context.started("shiftTraffic").stream()
        .map(past -> past.input(Shift.class).router())
        .forEach(
            router -> {
              String side = context.target(router, RouterTarget.class).candidate();
              if (side.equals(candidate)) {
                ofTheName.add(router);
              } else if (!targets.containsKey(side)) {
                shifted.add(router); // the traffic of other services is no matter here
              }
            });
    return only(candidate, ofTheName.isEmpty() ? shifted : ofTheName);
  }

  private static String only(String candidate, Set<String> routers) {
    if (routers.size() > 1) {
      throw new InvalidStepInput(
          "measureHealth: this run moved traffic at %s; name the 'router' that sends users to '%s'"
              .formatted(routers, candidate));
    }
    return routers.stream().findFirst().orElse(TargetName.NONE);
  }
}
