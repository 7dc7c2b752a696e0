package io.belay.process;

import java.util.List;
import org.camunda.bpm.engine.BadUserRequestException;

/** A run was not started; nothing was changed. The message names each field and its rule. */
public class RunRefused extends BadUserRequestException {

  /**
   * @param field the parameter; empty when the whole request is meant
   */
  public record Problem(String field, String rule) {
    @Override
    public String toString() {
      return field.isEmpty() ? rule : field + ": " + rule;
    }
  }

  private final transient List<Problem> problems;

  public RunRefused(String rule) {
    this(List.of(new Problem("", rule)));
  }

  public RunRefused(List<Problem> problems) {
    super(
        "The run was not started: "
            + String.join("; ", problems.stream().map(Problem::toString).toList()));
    this.problems = List.copyOf(problems);
  }

  public List<Problem> problems() {
    return problems;
  }
}
