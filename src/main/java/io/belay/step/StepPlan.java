package io.belay.step;

import java.time.Duration;
import java.util.List;
import org.springframework.lang.Nullable;

/**
 * What a step would do, determined without doing it.
 *
 * @param target name of the target that it touches
 * @param summary one sentence for people
 * @param details the commands or SQL, sizes, findings; never a secret
 * @param expected duration, estimated from the size of the work; null when unknown
 */
public record StepPlan(
    Effect effect,
    String target,
    String summary,
    List<String> details,
    @Nullable Duration expected) {

  /** The effect of a step. */
  public enum Effect {
    OBSERVES,
    CHANGES,
    CANNOT_BE_UNDONE
  }

  public static StepPlan observes(String target, String summary, String... details) {
    return new StepPlan(Effect.OBSERVES, target, summary, List.of(details), null);
  }

  public static StepPlan changes(String target, String summary, String... details) {
    return new StepPlan(Effect.CHANGES, target, summary, List.of(details), null);
  }

  public static StepPlan cannotBeUndone(String target, String summary, String... details) {
    return new StepPlan(Effect.CANNOT_BE_UNDONE, target, summary, List.of(details), null);
  }
}
