package io.belay.capability.flag;

import io.belay.split.Rollout;
import io.belay.step.Checkpoint;
import io.belay.step.PastStep;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Decides which users get the new version behind a flag: nobody, everybody, or a share of those who
 * have a key. A larger share takes nobody out while the lists, the name and the algorithm stay. A
 * flag that somebody else has set since this run did is left alone. The former value is in the
 * journal before it is replaced; the application is restarted when the value changes. Sets the same
 * again after a kill.
 *
 * @see RestoreFlag
 */
@Component
@Checkpoint(name = SetFlag.BEFORE, type = SetFlag.Before.class)
public final class SetFlag extends StepDelegate<SetFlag.Input, SetFlag.Result> {

  /** Checkpoint that is saved before the flag is set. */
  static final String BEFORE = "before";

  /**
   * @param flag name of the flag target
   * @param share {@code on}, {@code off} or a percentage
   * @param on users who get the new version at any percentage, separated by commas
   * @param off users who get the old version at any percentage
   * @param temporary whether it must be taken back at the good end, too
   */
  public record Input(
      @NotBlank @TargetName(FlagTarget.class) String flag,
      @NotNull Share share,
      @NotNull @DefaultValue("") String on,
      @NotNull @DefaultValue("") String off,
      @DefaultValue("false") boolean temporary) {}

  /**
   * @param changed whether the flag said something else before
   */
  public record Result(boolean changed) {}

  /**
   * Both as they are stored, for a flag is no secret.
   *
   * @param former null when there was no such key
   */
  record Before(String former, String written) {}

  private final ValueStore.Opener stores;
  private final FlagRestart restart;

  SetFlag(ValueStore.Opener stores, FlagRestart restart) {
    super(Input.class, Result.class);
    this.stores = stores;
    this.restart = restart;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    requireCheck(input, context);
    FlagTarget flag = context.target(input.flag(), FlagTarget.class);
    ValueStore store =
        stores.open(flag.values(), context, context.unfinished(List.of(), Result.class));
    new FlagText(flag).requireDecides(store);
    Before before = before(input.flag(), store.stored(text(input, flag)), store, context);
    if (before.written().equals(before.former())) {
      context.log("'%s' says that already", flag.name());
      return new Result(false);
    }
    context.cancellation().throwIfCancelled();
    restart.endLeft(flag, context.unfinished(List.of(), Result.class));
    store.write(Map.of(flag.key(), before.written()));
    requireStored(flag, before.written(), store);
    restart.run(flag, context);
    context.log("'%s' is %s", flag.name(), input.share());
    return new Result(true);
  }

  /**
   * As it was before the first attempt.
   *
   * @throws TargetException when somebody else has set it since this run did
   */
  private static Before before(String name, String wanted, ValueStore store, StepContext context)
      throws Exception {
    FlagTarget flag = context.target(name, FlagTarget.class);
    String now = store.read(List.of(flag.key())).get(flag.key());
    List<String> ours = ours(name, context);
    if (!ours.isEmpty() && !ours.contains(now)) {
      throw new TargetException(
          "somebody has set %s since this run did: it is %s now, and this run set %s. Nothing was changed. Agree with them; then set it to what this run set, and retry"
              .formatted(flag.describe(), shown(now), shown(ours.get(0))));
    }
    Optional<Before> saved = context.saved(BEFORE, Before.class);
    if (saved.isPresent()) {
      return saved.get();
    }
    Before before = new Before(now, wanted);
    context.save(BEFORE, before);
    return before;
  }

  /** What the flag says when nobody but this run has set it; none when this is its first change. */
  private static List<String> ours(String name, StepContext context) {
    Optional<Before> own = context.saved(BEFORE, Before.class);
    if (own.isPresent()) {
      return Arrays.asList(own.get().written(), own.get().former());
    }
    Optional<PastStep> last = lastInPlace(name, context);
    if (last.isEmpty()) {
      return List.of();
    }
    Before before = last.get().saved(BEFORE, Before.class).orElseThrow();
    return last.get().result(Result.class).isPresent()
        ? Arrays.asList(before.written())
        : Arrays.asList(before.written(), before.former());
  }

  /** The last earlier change of that flag that is not taken back. */
  private static Optional<PastStep> lastInPlace(String name, StepContext context) {
    Set<String> restored = RestoreFlag.restored(context);
    return context.started(SetFlag.class).stream()
        .filter(past -> !past.key().equals(context.stepKey()) && !restored.contains(past.key()))
        .filter(past -> past.input(Input.class).flag().equals(name))
        .filter(past -> past.saved(BEFORE, Before.class).isPresent())
        .reduce((earlier, later) -> later);
  }

  static String shown(String value) {
    return value == null ? "absent" : "'" + value + "'";
  }

  /**
   * @param value null when the key must be gone
   */
  static void requireStored(FlagTarget flag, String value, ValueStore store) throws Exception {
    String now = store.read(List.of(flag.key())).get(flag.key());
    if (!Objects.equals(now, value)) {
      throw new TargetException(
          "%s does not have the value that was set; somebody else sets it, too, or its store changes it"
              .formatted(flag.describe()));
    }
  }

  private static String text(Input input, FlagTarget flag) {
    FlagText text = new FlagText(flag);
    if (input.share().isOn()) {
      return text.everybody();
    }
    return input.share().isOff()
        ? text.nobody()
        : text.of(
            new Rollout(
                input.share().weight().hundredths(),
                flag.algorithm(),
                flag.name(),
                users(input.on()),
                users(input.off())));
  }

  private static Set<String> users(String list) {
    Set<String> users = new TreeSet<>(Arrays.asList(list.strip().split("\\s*,\\s*", -1)));
    return list.isBlank() ? Set.of() : users;
  }

  @Override
  public List<String> check(Input input, Environment environment) {
    FlagTarget flag = environment.target(input.flag(), FlagTarget.class);
    boolean lists = !input.on().isBlank() || !input.off().isBlank();
    if (lists && (input.share().isOn() || input.share().isOff())) {
      return List.of(
          "'on' and 'off' are for a percentage: the share '%s' is for all users"
              .formatted(input.share()));
    }
    if (!new FlagText(flag).fits(stores.object(flag.values(), environment))) {
      return List.of(
          "flag '%s' has the form flagd: the 'at' of its values target '%s' must be the flag's own object in a JSON document, and end in /%s"
              .formatted(input.flag(), flag.values(), flag.name()));
    }
    try {
      return stores.problems(flag.values(), Map.of(flag.key(), text(input, flag)), environment);
    } catch (IllegalArgumentException e) {
      return List.of(e.getMessage());
    }
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    FlagTarget flag = environment.target(input.flag(), FlagTarget.class);
    List<String> details = new ArrayList<>(input.share().differences());
    details.add("'%s' of '%s' becomes: %s".formatted(flag.key(), flag.values(), text(input, flag)));
    if (flag.restart() != null) {
      details.add("then: " + flag.restart());
    }
    details.add("the undo puts the former value back, and removes a key that was not there");
    return StepPlan.changes(input.flag(), sentence(input, flag), details.toArray(String[]::new));
  }

  private static String sentence(Input input, FlagTarget flag) {
    if (input.share().isOn()) {
      return "Give everybody the new version: " + flag.describe();
    }
    return input.share().isOff()
        ? "Give everybody the old version: " + flag.describe()
        : "Give %s %% of the users with a key the new version, by %s: %s"
            .formatted(input.share().weight(), flag.algorithm(), flag.describe());
  }
}
