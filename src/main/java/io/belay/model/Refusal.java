package io.belay.model;

import java.util.List;
import org.camunda.bpm.engine.BadUserRequestException;

/** What a person asked for was refused; nothing was changed. Names each field and its rule. */
public abstract class Refusal extends BadUserRequestException {

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

  public Refusal(String what, List<Problem> problems) {
    super(what + ": " + String.join("; ", problems.stream().map(Problem::toString).toList()));
    this.problems = List.copyOf(problems);
  }

  public List<Problem> problems() {
    return problems;
  }

  /**
   * Whether the refusal is due to what others do at the moment: the same request may succeed later.
   */
  public boolean isConflict() {
    return false;
  }
}
