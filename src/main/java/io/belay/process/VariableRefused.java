package io.belay.process;

import java.util.List;

/** A variable was not written; nothing was changed. */
class VariableRefused extends Refusal {

  VariableRefused(String variable, String rule) {
    this(List.of(new Problem(variable, rule)));
  }

  VariableRefused(List<Problem> problems) {
    super("The variable was not written", problems);
  }
}
