package io.belay.capability.change;

import io.belay.command.Place;
import io.belay.command.Places;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.CommandTarget;
import io.belay.target.Environment;
import io.belay.target.TargetException;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Takes back what {@link ChangeByCommand} made, the latest first, each with the parameters that it
 * was made with and on the hosts where it was begun, and has {@code check} confirm it. What was in
 * place before the run stays. Safe to repeat, and on nothing.
 *
 * @see ChangeByCommand
 */
@Component
@Undoes("changeByCommand")
public final class RevertByCommand
    extends UndoDelegate<RevertByCommand.Input, RevertByCommand.Result> {

  /**
   * @param command name of the command target; {@code none} for all that the run changed by command
   * @param within how long a change may take to be gone after {@code revert} has ended
   */
  public record Input(
      @NotNull @DefaultValue(TargetName.NONE) @TargetName(CommandTarget.class) String command,
      @NotNull @DefaultValue("0s") Duration within) {}

  /**
   * @param reverted how many changes it took back; one on several hosts counts for each
   */
  public record Result(int reverted) {}

  private final Places places;

  RevertByCommand(Places places) {
    super(Input.class, Result.class);
    this.places = places;
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    return input.command().equals(TargetName.NONE)
        || past.input(ChangeByCommand.Input.class).command().equals(input.command());
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> executions, StepContext context)
      throws Exception {
    int reverted = 0;
    Map<String, String> left = new LinkedHashMap<>();
    Set<String> seen = new HashSet<>();
    for (int i = executions.size() - 1; i >= 0; i--) {
      for (String place : begun(executions.get(i))) {
        if (left.containsKey(place)) {
          continue; // an earlier change is not taken back before a later one
        }
        try {
          endLeft(executions.get(i), place, seen.add(place), context);
          reverted += revert(executions.get(i), place, input.within(), context) ? 1 : 0;
        } catch (TargetException e) {
          context.cancellation().throwIfCancelled();
          left.put(place, e.getMessage());
        }
      }
    }
    if (!left.isEmpty()) {
      throw new TargetException(
          "the changes by command are not taken back%s; everywhere else they are. %s"
              .formatted(names(left.keySet()), String.join("; ", left.values())));
    }
    return new Result(reverted);
  }

  private static String names(Collection<String> places) {
    return places.stream()
        .map(name -> name.equals(Places.THIS_NODE) ? " here" : " on '%s'".formatted(name))
        .collect(Collectors.joining(","));
  }

  /** The places where it has begun, the last first. */
  private static List<String> begun(PastStep past) {
    List<String> all = new ArrayList<>();
    past.saved(CheckedChange.BEGUN, Boolean.class).ifPresent(here -> all.add(Places.THIS_NODE));
    past.saved(BegunHosts.CHECKPOINT, BegunHosts.class).ifPresent(at -> all.addAll(at.hosts()));
    Collections.reverse(all);
    return all;
  }

  /** What a whole change or its undo has started goes on. */
  private void endLeft(PastStep past, String where, boolean first, StepContext context) {
    Place place = places.at(where, context.environment());
    if (first && context.attempt() > 1) {
      place.endLeft(context.stepKey());
    }
    if (past.result(ChangeByCommand.Result.class).isEmpty()) {
      place.endLeft(past.key());
    }
  }

  private boolean revert(PastStep past, String where, Duration within, StepContext context)
      throws Exception {
    Place place = places.at(where, context.environment());
    ChangeByCommand.Input made = past.input(ChangeByCommand.Input.class);
    CommandChange commandsOf =
        new CommandChange(place, made.command(), made.parameters().values(), context);
    return new CheckedChange(made.command(), commandsOf, context).takeBack(within);
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.changes(
        input.command(),
        input.command().equals(TargetName.NONE)
            ? "Take back every change that this run made by a command, the latest first"
            : "Take the change '%s' back, if this run made it: %s"
                .formatted(
                    input.command(),
                    environment.target(input.command(), CommandTarget.class).revert()));
  }
}
