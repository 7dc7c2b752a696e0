package io.belay.capability.configuration;

import io.belay.step.Assignments;
import io.belay.step.Checkpoint;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.ValueStore;
import io.belay.target.Environment;
import io.belay.target.TargetException;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Gives keys values. The former ones are kept as an artifact before: they may be secrets, and the
 * journal has only the artifact's id. The application is restarted when a value changes and the
 * target has a command for that. Sets the same values again after a kill.
 *
 * @see RestoreValues
 */
@Component
@Checkpoint(name = SetValues.BEFORE, type = SetValues.Before.class)
public final class SetValues extends StepDelegate<SetValues.Input, SetValues.Result> {

  /** Checkpoint that is saved before the first value is set. */
  static final String BEFORE = "before";

  /**
   * @param target name of the values target
   * @param values a {@code KEY=value} a line; no secrets, for they are recorded
   * @param temporary whether they must be taken back at the good end, too
   */
  public record Input(
      @NotBlank @TargetName(ValuesTarget.class) String target,
      @NotNull Assignments values,
      @DefaultValue("false") boolean temporary) {}

  /**
   * @param changed how many keys had another value before, or none
   */
  public record Result(int changed) {}

  /**
   * @param artifact id of the artifact with the former values
   */
  record Before(String artifact) {}

  private final ValueStores stores;

  SetValues(ValueStores stores) {
    super(Input.class, Result.class);
    this.stores = stores;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    requireCheck(input, context);
    ValueStore store = stores.open(input.target(), context, context.stepKey());
    Map<String, String> wanted = new TreeMap<>();
    input.values().values().forEach((key, value) -> wanted.put(key, store.stored(value)));
    Map<String, String> before = before(store, wanted, context);
    context.cancellation().throwIfCancelled();
    store.write(wanted);
    if (!store.read(wanted.keySet()).equals(wanted)) {
      throw new TargetException(
          "%s does not have the values that were set there; somebody else sets them, too, or it changes them"
              .formatted(input.target()));
    }
    long changed =
        wanted.entrySet().stream()
            .filter(entry -> !entry.getValue().equals(before.get(entry.getKey())))
            .count();
    if (changed > 0) {
      stores.restart(input.target(), context);
    }
    context.log("%d of %d keys of '%s' had another value", changed, wanted.size(), input.target());
    return new Result(Math.toIntExact(changed));
  }

  /** As they were before the first attempt. */
  private static Map<String, String> before(
      ValueStore store, Map<String, String> wanted, StepContext context) throws Exception {
    Optional<Before> saved = context.saved(BEFORE, Before.class);
    if (saved.isPresent()) {
      return FormerValues.read(context, saved.get().artifact());
    }
    Map<String, String> before = store.read(wanted.keySet());
    context.save(BEFORE, new Before(FormerValues.keep(context, "former", before).id()));
    return before;
  }

  @Override
  public List<String> check(Input input, Environment environment) {
    Map<String, String> values = input.values().values();
    return values.isEmpty()
        ? List.of("'values' has none")
        : stores.problems(input.target(), values, environment);
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    List<String> details = new ArrayList<>();
    input
        .values()
        .values()
        .forEach((key, value) -> details.add("%s becomes '%s'".formatted(key, value)));
    ValuesTarget target = environment.target(input.target(), ValuesTarget.class);
    if (target.restart() != null) {
      details.add("then: " + target.restart());
    }
    details.add("the undo puts the former values back, and removes a key that was not there");
    return StepPlan.changes(
        input.target(),
        "Set %d keys: %s".formatted(input.values().values().size(), target.describe()),
        details.toArray(String[]::new));
  }
}
