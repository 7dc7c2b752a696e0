package io.belay.process;

import io.belay.process.Refusal.Problem;
import java.util.List;

/** A task was not completed; nothing was changed. Names each field and its rule. */
public class TaskRefused extends RuntimeException {

  private final transient List<Problem> problems;

  public TaskRefused(List<Problem> problems) {
    super(
        "The task was not completed: "
            + String.join("; ", problems.stream().map(Problem::toString).toList()));
    this.problems = List.copyOf(problems);
  }

  public List<Problem> problems() {
    return problems;
  }
}
