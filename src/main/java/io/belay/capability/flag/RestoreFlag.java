package io.belay.capability.flag;

import io.belay.step.Checkpoint;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.step.ValueStore;
import io.belay.target.Environment;
import io.belay.target.TargetException;
import jakarta.validation.constraints.NotNull;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Puts each flag back to what it was before the run's first {@link SetFlag}, in one change and with
 * one restart; a key that was not there is removed. A flag that somebody else has set meanwhile is
 * left alone, and a person is asked. Safe to repeat, and on nothing.
 *
 * @see SetFlag
 */
@Component
@Undoes("setFlag")
@Checkpoint(name = RestoreFlag.RESTORED, type = RestoreFlag.Restored.class)
public final class RestoreFlag extends UndoDelegate<RestoreFlag.Input, RestoreFlag.Result> {

  /**
   * @param flag name of the flag target; {@code none} for all
   */
  public record Input(
      @NotNull @DefaultValue(TargetName.NONE) @TargetName(FlagTarget.class) String flag) {}

  /**
   * @param restored how many flags it put back
   */
  public record Result(int restored) {}

  /** Checkpoint with what this execution has taken back: that is not taken back again. */
  static final String RESTORED = "restored";

  /**
   * @param executions keys of those whose former values were put back
   */
  record Restored(List<String> executions) {}

  private final ValueStore.Opener stores;
  private final FlagRestart restart;

  RestoreFlag(ValueStore.Opener stores, FlagRestart restart) {
    super(Input.class, Result.class);
    this.stores = stores;
    this.restart = restart;
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    return input.flag().equals(TargetName.NONE)
        || past.input(SetFlag.Input.class).flag().equals(input.flag());
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> executions, StepContext context)
      throws Exception {
    Set<String> restored = restored(context);
    Map<String, List<PastStep>> flags = new LinkedHashMap<>();
    List<PastStep> latestFirst = new ArrayList<>(executions);
    Collections.reverse(latestFirst);
    for (PastStep past : latestFirst) {
      if (past.saved(SetFlag.BEFORE, SetFlag.Before.class).isPresent()
          && !restored.contains(past.key())) {
        flags
            .computeIfAbsent(past.input(SetFlag.Input.class).flag(), flag -> new ArrayList<>())
            .add(past);
      }
    }
    int changed = 0;
    List<String> left = new ArrayList<>();
    for (Map.Entry<String, List<PastStep>> flag : flags.entrySet()) {
      try {
        changed += restore(flag.getKey(), flag.getValue(), context) ? 1 : 0;
      } catch (TargetException e) {
        context.cancellation().throwIfCancelled();
        left.add(e.getMessage());
      }
    }
    if (!left.isEmpty()) {
      throw new TargetException(String.join("; ", left));
    }
    return new Result(changed);
  }

  /** Keys of the executions that this run has taken back. */
  static Set<String> restored(StepContext context) {
    Set<String> restored = new HashSet<>();
    context
        .savedBy(List.of("restoreFlag"), RESTORED, Restored.class)
        .forEach(saved -> restored.addAll(saved.executions()));
    return restored;
  }

  /**
   * @param executions the latest first
   */
  private boolean restore(String name, List<PastStep> executions, StepContext context)
      throws Exception {
    List<SetFlag.Before> changes =
        executions.stream()
            .flatMap(past -> past.saved(SetFlag.BEFORE, SetFlag.Before.class).stream())
            .toList();
    String former = changes.get(changes.size() - 1).former();
    boolean changed = changes.stream().anyMatch(change -> !change.written().equals(former));
    if (changed) {
      FlagTarget flag = context.target(name, FlagTarget.class);
      String[] over = context.unfinished(executions, SetFlag.Result.class);
      ValueStore store = stores.open(flag.values(), context, over);
      store.settle(Map.of(flag.key(), changes.get(0).written()));
      requireOurs(flag, former, changes, store);
      context.cancellation().throwIfCancelled();
      restart.endLeft(flag, over);
      store.write(Collections.singletonMap(flag.key(), former));
      SetFlag.requireStored(flag, former, store);
      restart.run(flag, context);
      context.log("'%s' is as it was before", flag.name());
    }
    saveRestored(executions, context);
    return changed;
  }

  /** What the flag says now is what this run found there first, or wrote. */
  private static void requireOurs(
      FlagTarget flag, String former, List<SetFlag.Before> changes, ValueStore store)
      throws Exception {
    Set<String> ours = new HashSet<>();
    ours.add(former);
    changes.forEach(change -> ours.add(change.written()));
    String now = store.read(List.of(flag.key())).get(flag.key());
    if (!ours.contains(now)) {
      throw new TargetException(
          "somebody has set %s since: it is %s now, this run set %s, and before it was %s. It was left alone. Agree with them: to put it back, set it to what this run set and retry; if it is to stay, override this step with a reason"
              .formatted(
                  flag.describe(),
                  SetFlag.shown(now),
                  SetFlag.shown(changes.get(0).written()),
                  SetFlag.shown(former)));
    }
  }

  private static void saveRestored(List<PastStep> executions, StepContext context) {
    List<String> all =
        new ArrayList<>(
            context.saved(RESTORED, Restored.class).map(Restored::executions).orElse(List.of()));
    executions.forEach(past -> all.add(past.key()));
    context.save(RESTORED, new Restored(List.copyOf(all)));
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.changes(
        input.flag(),
        "Put each flag back to what it was before this run first set it, unless somebody else has set it since");
  }
}
