package io.belay.step;

import io.belay.journal.RunningSteps;
import io.belay.journal.RunningSteps.RunningStep;
import io.belay.target.Environment;
import java.util.ArrayList;
import java.util.List;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/**
 * Waits until no step of this phase works any more. An interrupted activity loses its external task
 * at once, but its worker may still be in the middle of an effect; an undo must not start before
 * that has ended. A step whose node was not heard of for {@link RunningSteps#DEAD_AFTER} counts as
 * ended: a node that cannot renew its locks stops its work.
 */
@Component
@Profile("!agent")
public class AwaitStepsStopped
    extends StepDelegate<AwaitStepsStopped.Input, AwaitStepsStopped.Result> {

  public record Input() {}

  /**
   * @param stopped how many steps were waited for
   */
  public record Result(int stopped) {}

  private static final long PAUSE_MILLIS = 200;

  private final RunningSteps running;

  AwaitStepsStopped(RunningSteps running) {
    super(Input.class, Result.class);
    this.running = running;
  }

  @Override
  public Result perform(Input input, StepContext context) throws InterruptedException {
    String instance =
        running.ofRun(context.runId()).stream()
            .filter(step -> step.stepKey().equals(context.stepKey()))
            .map(RunningStep::instanceId)
            .findFirst()
            .orElseThrow();
    int most = 0;
    while (true) {
      context.cancellation().throwIfCancelled();
      List<RunningStep> others = new ArrayList<>();
      for (RunningStep step : running.ofInstance(instance)) {
        if (step.stepKey().equals(context.stepKey())) {
          continue;
        }
        if (step.isAlive(running.now())) {
          others.add(step);
        } else if (running.end(step.stepKey(), step.node())) {
          context.log(
              "%s counts as stopped: its node %s is silent; what it still writes is refused",
              step.activityId(), step.node());
        }
      }
      most = Math.max(most, others.size());
      if (others.isEmpty()) {
        return new Result(most);
      }
      context
          .progress()
          .report(most - others.size(), most, "steps", "waiting for " + others.get(0).activityId());
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.observes("", "Wait until no step of the phase works any more");
  }
}
