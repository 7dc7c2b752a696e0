package io.belay.engine.law;

import io.belay.model.Refusal;
import java.util.List;

/** A user task was not completed; it is open as before. */
public class AnswerRefused extends Refusal {

  public AnswerRefused(String rule) {
    this(List.of(new Problem("", rule)));
  }

  public AnswerRefused(List<Problem> problems) {
    super("The task was not completed", problems);
  }
}
