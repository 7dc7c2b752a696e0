package io.belay.process;

import java.util.List;

/** A run was not started; nothing was changed. */
public class RunRefused extends Refusal {

  public RunRefused(String rule) {
    this(List.of(new Problem("", rule)));
  }

  /** The environment or a target refuses; the cause tells why. */
  public RunRefused(RuntimeException refusal) {
    this(refusal.getMessage());
    initCause(refusal);
  }

  public RunRefused(List<Problem> problems) {
    super("The run was not started", problems);
  }
}
