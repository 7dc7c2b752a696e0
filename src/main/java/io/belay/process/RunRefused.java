package io.belay.process;

import java.util.List;

/** A run was not started; nothing was changed. */
public class RunRefused extends Refusal {

  public RunRefused(String rule) {
    this(List.of(new Problem("", rule)));
  }

  public RunRefused(List<Problem> problems) {
    super("The run was not started", problems);
  }
}
