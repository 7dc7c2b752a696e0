package io.belay.capability.rollout;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.Environment;
import io.belay.target.RouterTarget;
import io.belay.target.ServiceTarget;
import jakarta.validation.constraints.NotBlank;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Restores every instance that this run replaced, or started to replace, in reverse order: what ran
 * before runs again, what was drained before is drained again. Stops before the last instance that
 * takes requests is drained. Safe to repeat, and if nothing was replaced.
 *
 * @see ReplaceInstance what it undoes
 */
@Component
@Undoes("replaceInstance")
public final class RestoreInstances
    extends UndoDelegate<RestoreInstances.Input, RestoreInstances.Result> {

  /**
   * @param router name of the router target
   * @param from service target of the old version
   * @param to service target of the new version
   */
  public record Input(
      @NotBlank @DefaultValue("router") @TargetName(RouterTarget.class) String router,
      @NotBlank @DefaultValue("v1") @TargetName(ServiceTarget.class) String from,
      @NotBlank @DefaultValue("v2") @TargetName(ServiceTarget.class) String to) {}

  /**
   * @param restored number of instances that were checked and are now as before
   */
  public record Result(int restored) {}

  /** An instance, and what ran there before the run's first replacement of it. */
  private record Replaced(ReplaceInstance.Input input, ReplaceInstance.Before before) {}

  private final Routers routers;
  private final InstanceReplacement replacement;

  RestoreInstances(Routers routers, InstanceReplacement replacement) {
    super(Input.class, Result.class);
    this.routers = routers;
    this.replacement = replacement;
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    ReplaceInstance.Input one = past.input(ReplaceInstance.Input.class);
    return one.router().equals(input.router())
        && one.from().equals(input.from())
        && one.to().equals(input.to());
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> replacements, StepContext context) {
    List<Replaced> replaced = replaced(replacements);
    if (replaced.isEmpty()) {
      return new Result(0);
    }
    Router router = routers.open(context.target(input.router(), RouterTarget.class));
    int done = 0;
    for (int i = replaced.size() - 1; i >= 0; i--) {
      Replaced one = replaced.get(i);
      String instance = one.input().instance();
      context.progress().report(done, replaced.size(), "instances", "putting back " + instance);
      ServiceProcess old =
          ReplaceInstance.process(input.from(), one.input(), context.environment());
      ServiceProcess fresh =
          ReplaceInstance.process(input.to(), one.input(), context.environment());
      if (!one.before().newRan()) {
        replacement.exchange(
            router,
            instance,
            fresh,
            one.before().oldRan() ? old : null,
            !one.before().drained(),
            context);
      }
      done++;
      context.log("instance '%s' is as it was", instance);
    }
    return new Result(done);
  }

  /** The first replacement of each instance: what was there before the run. */
  private static List<Replaced> replaced(List<PastStep> replacements) {
    List<Replaced> replaced = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (PastStep past : replacements) {
      ReplaceInstance.Input one = past.input(ReplaceInstance.Input.class);
      if (!seen.contains(one.instance())) {
        past.saved(ReplaceInstance.BEFORE, ReplaceInstance.Before.class)
            .ifPresent(
                before -> {
                  seen.add(one.instance());
                  replaced.add(new Replaced(one, before));
                });
      }
    }
    return replaced;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.changes(
        input.router(),
        "Put every replaced instance of '%s' back, the last one first".formatted(input.from()));
  }
}
