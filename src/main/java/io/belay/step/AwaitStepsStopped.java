package io.belay.step;

import io.belay.journal.RunningSteps;
import io.belay.journal.RunningSteps.RunningStep;
import io.belay.target.Environment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/**
 * Waits until no step of the run works any more. As a run is in one phase at a time, these are the
 * steps of this phase and of the parts that it calls. An interrupted activity loses its external
 * task at once, but its worker may still be in the middle of an effect; an undo must not start
 * before that has ended. A step whose heartbeat has not changed for {@link
 * RunningSteps#DEAD_AFTER}, as this step has watched it, counts as ended: a node that cannot renew
 * its locks stops its work. The clocks of the nodes do not matter, nor does setting one.
 *
 * <p>When a step goes on nevertheless, this one fails and names it: a person must look.
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

  /** Longer than every wait of a step that was told to stop. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final RunningSteps running;
  private final Duration patience;

  @Autowired
  AwaitStepsStopped(RunningSteps running) {
    this(running, PATIENCE);
  }

  AwaitStepsStopped(RunningSteps running, Duration patience) {
    super(Input.class, Result.class);
    this.running = running;
    this.patience = patience;
  }

  @Override
  public Result perform(Input input, StepContext context) throws InterruptedException {
    Map<String, Sign> signs = new HashMap<>();
    long begun = System.nanoTime();
    int most = 0;
    while (true) {
      context.cancellation().throwIfCancelled();
      List<RunningStep> others = new ArrayList<>();
      for (RunningStep step : running.ofRun(context.runId())) {
        if (step.step().equals(StepNames.of(AwaitStepsStopped.class))) {
          continue; // this one, or that of an enclosing phase
        }
        if (isAlive(step, signs)) {
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
      RunningStep first = others.get(0);
      if (System.nanoTime() - begun > patience.toNanos()) {
        throw new IllegalStateException(
            "%s (%s) still works on node %s, %d s after it was told to stop; nothing is taken back before it has ended. See what it waits for, or end that node, then retry"
                .formatted(first.activityId(), first.step(), first.node(), patience.toSeconds()));
      }
      context
          .progress()
          .report(most - others.size(), most, "steps", "waiting for " + first.activityId());
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** The last heartbeat, and when it was first seen by this node's monotonic clock. */
  private record Sign(Instant heartbeat, long since) {}

  private static boolean isAlive(RunningStep step, Map<String, Sign> signs) {
    Sign last = signs.get(step.stepKey());
    if (last == null || !last.heartbeat().equals(step.heartbeat())) {
      signs.put(step.stepKey(), new Sign(step.heartbeat(), System.nanoTime()));
      return true;
    }
    return System.nanoTime() - last.since() < RunningSteps.DEAD_AFTER.toNanos();
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.observes("", "Wait until no step of the run works any more");
  }
}
