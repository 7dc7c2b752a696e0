package io.belay.capability.check;

import io.belay.command.Commands;
import io.belay.command.Place;
import io.belay.command.Places;
import io.belay.step.Assignments;
import io.belay.step.Expectations;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.CommandTarget;
import io.belay.target.Environment;
import io.belay.target.GivenParameters;
import io.belay.target.MayBeAbsent;
import io.belay.target.ReadFiles;
import io.belay.target.Secret;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Runs a command that checks something, such as the new version's own tests, and judges what it
 * answers. It must change nothing: an attempt after a crash runs it again.
 */
@Component
public final class RunCommand extends StepDelegate<RunCommand.Input, RunCommand.Result> {

  /**
   * @param command name of the command target; {@code none} when there is nothing to run
   * @param parameters environment variables for the command, a {@code NAME=value} a line
   * @param expect what it must answer; nothing means exit code 0
   */
  public record Input(
      @NotBlank @DefaultValue(TargetName.NONE) @TargetName(CommandTarget.class) String command,
      @NotNull @DefaultValue("") @MayBeAbsent("none were given") Assignments parameters,
      @NotNull @DefaultValue("") @MayBeAbsent("exit code 0 was") Expectations expect) {}

  /**
   * @param verdict PASS when the answer is as expected on all hosts, else FAIL
   */
  public record Result(Verdict verdict, String reason, int exitCode) {}

  /** What is expected beside other things, unless the exit code itself is. */
  private static final Expectations SUCCESS = Expectations.valueOf("exit 0");

  private final Places places;

  RunCommand(Places places) {
    super(Input.class, Result.class);
    this.places = places;
  }

  @Override
  public Result perform(Input input, StepContext context) {
    if (input.command().equals(TargetName.NONE)) {
      return new Result(Verdict.PASS, "there is no command to run", 0);
    }
    requireCheck(input, context);
    CommandTarget target = context.target(input.command(), CommandTarget.class);
    Map<String, Secret> environment = new HashMap<>(context.commandEnvironment());
    input.parameters().values().forEach((name, value) -> environment.put(name, Secret.of(value)));
    Result result = null;
    for (Place place : places.of(target, context.environment())) {
      result = ask(place, target, environment, input, context);
      if (result.verdict() != Verdict.PASS) {
        return result;
      }
    }
    return result;
  }

  private static Result ask(
      Place place,
      CommandTarget target,
      Map<String, Secret> environment,
      Input input,
      StepContext context) {
    Commands.Answer answer = place.ask(target.run(), environment, context.cancellation());
    String output = (answer.output() + "\n" + answer.errors()).strip();
    output.lines().forEach(context.commandLog());
    var seen = new Expectations.Answer(answer.exitCode(), answer.output(), answer.whole());
    List<String> unmet = expected(input).unmet(seen);
    if (unmet.isEmpty()) {
      return new Result(
          Verdict.PASS,
          "'%s'%s is as expected".formatted(input.command(), place.on()),
          answer.exitCode());
    }
    String end = output.substring(Math.max(0, output.length() - 300));
    return new Result(
        Verdict.FAIL,
        Findings.shortened(
            "'%s'%s: %s%s"
                .formatted(
                    input.command(),
                    place.on(),
                    String.join("; ", unmet),
                    end.isEmpty() ? "" : ". Its last output: " + end)),
        answer.exitCode());
  }

  @Override
  public List<String> check(Input input, Environment environment) {
    if (input.command().equals(TargetName.NONE)) {
      return List.of();
    }
    CommandTarget target = environment.target(input.command(), CommandTarget.class);
    Optional<String> problem = target.notForChecks(input.command());
    return problem.isPresent()
        ? List.of(problem.get())
        : GivenParameters.problems(
            "command target '%s'".formatted(input.command()),
            target.parameters(),
            input.parameters().values());
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    if (input.command().equals(TargetName.NONE)) {
      return StepPlan.observes(input.command(), "no command to run");
    }
    CommandTarget target = environment.target(input.command(), CommandTarget.class);
    return StepPlan.observes(
        input.command(),
        "Run a command on %s, for at most %d s"
            .formatted(target.where(), target.run().timeout().toSeconds()),
        Stream.concat(
                Stream.of(target.run().toString(), "expected: " + expected(input).describe()),
                ReadFiles.describe(target, target.run()).stream())
            .toArray(String[]::new));
  }

  private static Expectations expected(Input input) {
    return input.expect().judgeCode()
        ? input.expect()
        : Expectations.valueOf(SUCCESS.text() + "\n" + input.expect().text());
  }
}
