package io.belay.check;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.CommandTarget;
import io.belay.target.Commands;
import io.belay.target.Environment;
import jakarta.validation.constraints.NotBlank;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Runs a command that answers with its exit code, such as the new version's own tests. It must
 * change nothing: an attempt after a crash runs it again.
 */
@Component
public final class RunCommand extends StepDelegate<RunCommand.Input, RunCommand.Result> {

  /**
   * @param command name of the command target
   */
  public record Input(
      @NotBlank @DefaultValue("tests") @TargetName(CommandTarget.class) String command) {}

  /**
   * @param verdict PASS for exit code 0, else FAIL
   */
  public record Result(Verdict verdict, String reason, int exitCode) {}

  private final Commands commands;

  RunCommand(Commands commands) {
    super(Input.class, Result.class);
    this.commands = commands;
  }

  @Override
  public Result perform(Input input, StepContext context) {
    CommandTarget target = context.target(input.command(), CommandTarget.class);
    AtomicLong lines = new AtomicLong();
    Commands.Result result =
        commands.run(
            target.run(),
            context.commandEnvironment(),
            context.cancellation(),
            line -> context.progress().report(lines.incrementAndGet(), 0, "lines", line));
    String output = result.output().strip();
    context.log("%s", output);
    if (result.succeeded()) {
      return new Result(Verdict.PASS, "'%s' succeeded".formatted(input.command()), 0);
    }
    String end = output.substring(Math.max(0, output.length() - 300));
    return new Result(
        Verdict.FAIL,
        Findings.shortened(
            "'%s' ended with %d: %s".formatted(input.command(), result.exitCode(), end)),
        result.exitCode());
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    CommandTarget target = environment.target(input.command(), CommandTarget.class);
    return StepPlan.observes(
        input.command(),
        "Run a command, for at most %d s".formatted(target.run().timeout().toSeconds()),
        target.run().toString());
  }
}
