package io.belay.model;

import io.belay.target.TargetBusy;
import java.util.List;

/** A run was not started; nothing was changed. */
public class RunRefused extends Refusal {

  public RunRefused(String rule) {
    this(List.of(new Problem("", rule)));
  }

  /** The environment or a target refused; the cause says why. */
  public RunRefused(RuntimeException refusal) {
    this(refusal.getMessage());
    initCause(refusal);
  }

  public RunRefused(List<Problem> problems) {
    super("The run was not started", problems);
  }

  @Override
  public boolean isConflict() {
    return getCause() instanceof TargetBusy;
  }
}
