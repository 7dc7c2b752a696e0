package io.belay.capability.change;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.Environment;
import io.belay.target.HttpProbe;
import io.belay.target.HttpTarget;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Takes back what {@link CallHttp} made, the latest first, each with the parameters that it was
 * made with, and has {@code check} confirm it. What was in place before the run stays. Safe to
 * repeat, and on nothing.
 *
 * @see CallHttp
 */
@Component
@Undoes("callHttp")
public final class RevertHttp extends UndoDelegate<RevertHttp.Input, RevertHttp.Result> {

  /**
   * @param http name of the http target; {@code none} for all that the run changed over HTTP
   * @param within how long a change may take to be gone after {@code revert} was answered
   */
  public record Input(
      @NotNull @DefaultValue(TargetName.NONE) @TargetName(HttpTarget.class) String http,
      @NotNull @DefaultValue("0s") Duration within) {}

  /**
   * @param reverted how many changes it took back
   */
  public record Result(int reverted) {}

  private final HttpProbe http;

  RevertHttp(HttpProbe http) {
    super(Input.class, Result.class);
    this.http = http;
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    return input.http().equals(TargetName.NONE)
        || past.input(CallHttp.Input.class).http().equals(input.http());
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> executions, StepContext context)
      throws Exception {
    int reverted = 0;
    for (int i = executions.size() - 1; i >= 0; i--) {
      PastStep past = executions.get(i);
      if (past.saved(CheckedChange.BEGUN, Boolean.class).isPresent()) {
        CallHttp.Input made = past.input(CallHttp.Input.class);
        HttpChange requests =
            new HttpChange(http, made.http(), made.parameters().values(), context);
        boolean done = new CheckedChange(made.http(), requests, context).takeBack(input.within());
        reverted += done ? 1 : 0;
      }
    }
    return new Result(reverted);
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.changes(
        input.http(),
        input.http().equals(TargetName.NONE)
            ? "Take back every change that this run made over HTTP, the latest first"
            : "Take the change '%s' back, if this run made it: %s"
                .formatted(
                    input.http(), environment.target(input.http(), HttpTarget.class).revert()));
  }
}
