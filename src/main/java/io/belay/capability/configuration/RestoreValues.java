package io.belay.capability.configuration;

import io.belay.artifact.Artifact;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Puts back the values that {@link SetValues} replaced, the latest first; a key that was not there
 * is removed. What somebody else set meanwhile is kept as an artifact. Each execution is taken back
 * once: what is set afterwards stays. Safe to repeat, and on nothing.
 *
 * @see SetValues
 */
@Component
@Undoes("setValues")
@Checkpoint(name = RestoreValues.RESTORED, type = RestoreValues.Restored.class)
public final class RestoreValues extends UndoDelegate<RestoreValues.Input, RestoreValues.Result> {

  /**
   * @param target name of the values target; {@code none} for all
   */
  public record Input(
      @NotNull @DefaultValue(TargetName.NONE) @TargetName(ValuesTarget.class) String target) {}

  /**
   * @param restored how many keys it put back
   */
  public record Result(int restored) {}

  /** Checkpoint with what this execution has taken back. */
  static final String RESTORED = "restored";

  /**
   * @param executions keys of those whose former values were put back
   */
  record Restored(List<String> executions) {}

  private final ValueStores stores;

  RestoreValues(ValueStores stores) {
    super(Input.class, Result.class);
    this.stores = stores;
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    return input.target().equals(TargetName.NONE)
        || past.input(SetValues.Input.class).target().equals(input.target());
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> executions, StepContext context)
      throws Exception {
    int restored = 0;
    for (int i = executions.size() - 1; i >= 0; i--) {
      restored += restore(executions.get(i), context);
    }
    return new Result(restored);
  }

  private int restore(PastStep past, StepContext context) throws Exception {
    Optional<SetValues.Before> saved = past.saved(SetValues.BEFORE, SetValues.Before.class);
    if (saved.isEmpty() || isRestored(past, context)) {
      return 0; // it never began, or is taken back
    }
    SetValues.Input input = past.input(SetValues.Input.class);
    String[] over = context.unfinished(List.of(past), SetValues.Result.class);
    ValueStore store = stores.open(input.target(), context, over);
    Map<String, String> before = FormerValues.read(context, saved.get().artifact());
    Map<String, String> set = new TreeMap<>();
    input.values().values().forEach((key, value) -> set.put(key, store.stored(value)));
    store.settle(set);
    Map<String, String> now = store.read(before.keySet());
    Map<String, String> back = new TreeMap<>(before);
    back.keySet().removeIf(key -> Objects.equals(before.get(key), now.get(key)));
    if (!back.isEmpty()) {
      Map<String, String> foreign = new TreeMap<>(now);
      foreign
          .keySet()
          .removeIf(key -> !back.containsKey(key) || Objects.equals(now.get(key), set.get(key)));
      putBack(before, back, foreign, store, past, context);
    }
    if (!set.equals(before)) { // also when an earlier attempt put them back, and was killed then
      stores.restart(input.target(), context);
    }
    List<String> all =
        new ArrayList<>(
            context.saved(RESTORED, Restored.class).map(Restored::executions).orElse(List.of()));
    all.add(past.key());
    context.save(RESTORED, new Restored(List.copyOf(all)));
    return back.size();
  }

  private static boolean isRestored(PastStep past, StepContext context) {
    return context.savedBy(List.of("restoreValues"), RESTORED, Restored.class).stream()
        .anyMatch(restored -> restored.executions().contains(past.key()));
  }

  private static void putBack(
      Map<String, String> before,
      Map<String, String> back,
      Map<String, String> foreign,
      ValueStore store,
      PastStep past,
      StepContext context)
      throws Exception {
    String target = past.input(SetValues.Input.class).target();
    if (!foreign.isEmpty()) {
      Artifact kept = FormerValues.keep(context, "replaced-" + past.position(), foreign);
      context.log(
          "'%s' has values that this run did not set; they are kept as %s and replaced: %s",
          target, kept.name(), String.join(", ", foreign.keySet()));
    }
    context.cancellation().throwIfCancelled();
    store.write(back);
    if (!store.read(before.keySet()).equals(before)) {
      throw new TargetException(
          "'%s' does not have its former values again, although writing them reported success. Put them back by hand, or retry"
              .formatted(target));
    }
    context.log("%d keys of '%s' have their former values", back.size(), target);
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.changes(
        input.target(), "Put the former values back that this run replaced, the latest first");
  }
}
