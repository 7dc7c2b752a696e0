package io.belay.engine.law;

import io.belay.model.Refusal;
import java.util.List;

/** A variable was not written; nothing was changed. */
public class VariableRefused extends Refusal {

  public VariableRefused(String variable, String rule) {
    this(List.of(new Problem(variable, rule)));
  }

  public VariableRefused(List<Problem> problems) {
    super("The variable was not written", problems);
  }
}
