package io.belay.step;

import java.util.Set;

/** Names of variables that Belay sets itself, in each run or each phase. No model gives them. */
public final class ReservedNames {

  public static final Set<String> ALL =
      Set.of("environment", "starter", "outcome", "reason", "verdict", "decision", "endEvent");

  private ReservedNames() {}
}
