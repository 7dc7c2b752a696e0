package io.belay.capability.change;

import io.belay.command.Commands;
import io.belay.command.Place;
import io.belay.command.Places;
import io.belay.step.Assignments;
import io.belay.step.BusinessStop;
import io.belay.step.Checkpoint;
import io.belay.step.Expectations;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Command;
import io.belay.target.CommandTarget;
import io.belay.target.Environment;
import io.belay.target.GivenParameters;
import io.belay.target.ReadFiles;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Makes a change by a command, unless it is in place already: {@code check} says which, {@code
 * apply} makes it, {@code check} confirms it. A change that this run left half is reverted and made
 * anew; one that somebody else left half is not touched. On several hosts it is made one after the
 * other, with the target's {@code between} asked after each batch.
 *
 * @see RevertByCommand
 */
@Component
@Checkpoint(name = CheckedChange.BEGUN, type = Boolean.class)
@Checkpoint(name = BegunHosts.CHECKPOINT, type = BegunHosts.class)
public final class ChangeByCommand
    extends StepDelegate<ChangeByCommand.Input, ChangeByCommand.Result> {

  /**
   * @param command name of the command target
   * @param parameters environment variables for its commands, a {@code NAME=value} a line
   * @param expect what {@code check} must print when the change is in place
   * @param within how long the change may take to be in place after {@code apply} has ended
   * @param temporary whether it must be taken back at the good end, too
   */
  public record Input(
      @NotBlank @TargetName(CommandTarget.class) String command,
      @NotNull @DefaultValue("") Assignments parameters,
      @NotNull @DefaultValue("") Expectations expect,
      @NotNull @DefaultValue("0s") Duration within,
      @DefaultValue("false") boolean temporary) {}

  /**
   * @param changed false when it was in place before, on all hosts
   */
  public record Result(boolean changed) {}

  private static final Duration PAUSE = Duration.ofMillis(500);

  private final Places places;

  ChangeByCommand(Places places) {
    super(Input.class, Result.class);
    this.places = places;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    requireCheck(input, context);
    CommandTarget target = context.target(input.command(), CommandTarget.class);
    boolean changed = false;
    int made = 0;
    for (Place place : places.of(target, context.environment())) {
      if (made > 0 && made % target.batch() == 0 && target.between() != null) {
        between(target.between(), place, input, context);
      }
      changed |= make(place, input, context);
      made++;
    }
    return new Result(changed);
  }

  private static boolean make(Place place, Input input, StepContext context)
      throws InterruptedException {
    if (context.attempt() > 1) {
      place.endLeft(context.stepKey());
    }
    CommandChange commands =
        new CommandChange(place, input.command(), input.parameters().values(), context);
    CheckedChange change =
        place.isHost()
            ? new CheckedChange(
                input.command(), commands, context, BegunHosts.memory(place.name(), context))
            : new CheckedChange(input.command(), commands, context);
    return change.make(input.expect(), input.within()).changed();
  }

  private void between(Command check, Place next, Input input, StepContext context)
      throws InterruptedException {
    Place here = places.at(Places.THIS_NODE, context.environment());
    long end = System.nanoTime() + input.within().toNanos();
    while (true) {
      Commands.Result answer =
          here.run(
              check, context.commandEnvironment(), context.cancellation(), context.commandLog());
      if (answer.succeeded()) {
        return;
      }
      if (System.nanoTime() > end) {
        throw new BusinessStop(
            "after a batch of '%s', '%s' ended with exit code %d; '%s' and the hosts after it were not changed by this attempt. Its last output: %s"
                .formatted(
                    input.command(),
                    check,
                    answer.exitCode(),
                    next.name(),
                    CommandChange.lastOf(answer.output())));
      }
      context.cancellation().throwIfCancelled();
      TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
    }
  }

  @Override
  public List<String> check(Input input, Environment environment) {
    CommandTarget target = environment.target(input.command(), CommandTarget.class);
    return target.apply() == null
        ? List.of(
            "command target '%s' only runs; for a change it needs 'check', 'apply' and 'revert'"
                .formatted(input.command()))
        : GivenParameters.problems(
            "command target '%s'".formatted(input.command()),
            target.parameters(),
            input.parameters().values());
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    CommandTarget target = environment.target(input.command(), CommandTarget.class);
    List<String> details = new ArrayList<>();
    if (!target.on().isEmpty()) {
      details.add("on " + target.where());
    }
    describe("check", target, target.check(), details);
    describe("apply", target, target.apply(), details);
    describe("revert", target, target.revert(), details);
    if (target.between() != null) {
      describe("between two batches, here", target, target.between(), details);
    }
    input
        .parameters()
        .values()
        .forEach((name, value) -> details.add("with %s=%s".formatted(name, value)));
    if (!input.expect().isEmpty()) {
      details.add("check must then print: " + input.expect().describe());
    }
    return StepPlan.changes(
        input.command(),
        "Make the change '%s' by a command, unless it is in place".formatted(input.command()),
        details.toArray(String[]::new));
  }

  private static void describe(
      String verb, CommandTarget target, Command command, List<String> details) {
    details.add("%s: %s, for at most %s".formatted(verb, command, text(command.timeout())));
    details.addAll(ReadFiles.describe(target, command));
  }

  private static String text(Duration time) {
    return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }
}
