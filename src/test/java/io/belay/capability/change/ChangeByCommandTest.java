package io.belay.capability.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.command.ChildProcesses;
import io.belay.command.Commands;
import io.belay.command.HostCommands;
import io.belay.command.Places;
import io.belay.command.SshSessions;
import io.belay.playground.Scratch;
import io.belay.step.Assignments;
import io.belay.step.BusinessStop;
import io.belay.step.Expectations;
import io.belay.step.FakeStepContext;
import io.belay.step.StepPlan;
import io.belay.target.Command;
import io.belay.target.CommandTarget;
import io.belay.target.Environment;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A change by real commands: two files stand for its two halves. */
class ChangeByCommandTest {

  private static final String CHECK =
      """
      echo "is $MODE"
      test -e broken && exit 7
      test -e one && test -e two && exit 0
      test -e one && exit 2
      exit 1
      """;

  private final Places places =
      new Places(new ChildProcesses(), new HostCommands(new SshSessions()));
  private final ChangeByCommand change = new ChangeByCommand(places);
  private final RevertByCommand revert = new RevertByCommand(places);
  private Path directory;
  private FakeStepContext context;

  @BeforeEach
  void world() throws IOException {
    directory = Scratch.directory("change-by-command");
    use("echo apply >> calls; echo $MODE > one; echo $MODE > two");
  }

  private void use(String apply) {
    context = new FakeStepContext(Map.of("mode", target(apply)));
  }

  private CommandTarget target(String apply) {
    return new CommandTarget(
        null,
        shell(CHECK),
        shell(apply),
        shell("echo revert $MODE >> calls; rm -f one two"),
        Map.of("MODE", "[a-z]+"),
        List.of());
  }

  private Command shell(String script) {
    return new Command(List.of("sh", "-c", script), directory, Map.of(), Duration.ofSeconds(20));
  }

  private static ChangeByCommand.Input input(String expect) {
    return new ChangeByCommand.Input(
        "mode",
        Assignments.valueOf("MODE=quiet"),
        Expectations.valueOf(expect),
        Duration.ZERO,
        false);
  }

  private static RevertByCommand.Input undo() {
    return new RevertByCommand.Input("none", Duration.ZERO);
  }

  private List<String> calls() throws IOException {
    Path calls = directory.resolve("calls");
    return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
  }

  @Test
  void change_isMadeOnce_withItsParameters_andTakenBack() throws Exception {
    assertThat(context.run(change, input("is is quiet")).changed()).isTrue();
    assertThat(directory.resolve("two")).hasContent("quiet\n");
    assertThat(context.retry(change, input("")).changed()).isTrue();
    assertThat(calls()).containsExactly("apply");

    assertThat(context.run(revert, undo()).reverted()).isEqualTo(1);
    assertThat(context.run(revert, undo()).reverted()).isZero();
    assertThat(directory.resolve("one")).doesNotExist();
    assertThat(calls()).containsExactly("apply", "revert quiet");
    assertThat(context.takenBack()).containsOnly("changeByCommand-1");
  }

  @Test
  void changeThatWasInPlaceBefore_staysAfterTheUndo() throws Exception {
    Files.createFile(directory.resolve("one"));
    Files.createFile(directory.resolve("two"));

    assertThat(context.run(change, input("")).changed()).isFalse();
    assertThat(context.run(revert, undo()).reverted()).isZero();

    assertThat(directory.resolve("two")).exists();
    assertThat(calls()).isEmpty();
  }

  @Test
  void killedBeforeTheCommand_theUndoFindsNothing_andTheNextAttemptMakesIt() throws Exception {
    context.runKilledAfterSave(CheckedChange.BEGUN, change, input(""));
    assertThat(context.run(revert, undo()).reverted()).isZero();
    assertThat(calls()).isEmpty();

    assertThat(context.retry(change, input("")).changed()).isTrue();
    assertThat(calls()).containsExactly("apply");
  }

  @Test
  void killedAfterTheCommand_theNextAttemptFindsItDone_andTheUndoTakesItBack() throws Exception {
    context.runKilled(change, input(""));

    assertThat(context.retry(change, input("")).changed()).isTrue();
    assertThat(calls()).containsExactly("apply");
    assertThat(context.run(revert, undo()).reverted()).isEqualTo(1);
    assertThat(directory.resolve("one")).doesNotExist();
  }

  @Test
  void killedInTheCommand_theHalfIsTakenBackByTheUndo() throws Exception {
    use("echo half >> calls; touch one; exit 9");
    assertThatThrownBy(() -> context.run(change, input("")))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("exit code 9")
        .hasMessageContaining("still there");

    assertThat(context.run(revert, undo()).reverted()).isEqualTo(1);
    assertThat(directory.resolve("one")).doesNotExist();
  }

  @Test
  void killedInTheCommand_theNextAttemptTakesTheHalfBack_andMakesItWhole() throws Exception {
    use("test -e calls && touch two; echo apply >> calls; touch one");
    assertThatThrownBy(() -> context.run(change, input("")))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("half in place");

    assertThat(context.retry(change, input("")).changed()).isTrue();
    assertThat(calls()).containsExactly("apply", "revert quiet", "apply");
  }

  @Test
  void halfOfSomebodyElse_isNotTouched() throws Exception {
    Files.createFile(directory.resolve("one"));

    assertThatThrownBy(() -> context.run(change, input("")))
        .hasMessageContaining("half in place, and not by this run")
        .hasMessageContaining("Nothing was done");
    assertThat(calls()).isEmpty();
  }

  @Test
  void checkThatCannotTell_stopsTheChange_andTheUndo() throws Exception {
    context.run(change, input(""));
    Files.createFile(directory.resolve("broken"));

    assertThatThrownBy(() -> context.run(change, input("")))
        .hasMessageContaining("is not known")
        .hasMessageContaining("exit code 7");
    assertThatThrownBy(() -> context.run(revert, undo())).hasMessageContaining("is not known");
    assertThat(context.takenBack()).isEmpty();
  }

  @Test
  void undoThatLeavesSomething_fails() throws Exception {
    context.run(change, input(""));
    context.environment(
        new Environment(
            "test",
            "",
            Map.of(
                "mode",
                new CommandTarget(
                    null,
                    shell(CHECK),
                    shell("true"),
                    shell("rm two"),
                    Map.of("MODE", "[a-z]+"),
                    List.of()))));

    assertThatThrownBy(() -> context.run(revert, undo()))
        .hasMessageContaining("still half in place")
        .hasMessageContaining("by hand");
    assertThat(context.takenBack()).isEmpty();
  }

  @Test
  void whatTheCheckMustPrint_isNotMet_andTheRunStops_withWhatWasSeen() {
    assertThatThrownBy(() -> context.run(change, input("contains loud")))
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("expected 'contains loud', saw 'is quiet'");
  }

  @Test
  void changeThatComesLater_isAwaited() throws Exception {
    use("touch one; (sleep 1; touch two) >/dev/null 2>&1 &");
    ChangeByCommand.Input patient =
        new ChangeByCommand.Input(
            "mode",
            Assignments.valueOf("MODE=quiet"),
            Expectations.none(),
            Duration.ofSeconds(20),
            false);

    assertThat(context.run(change, patient).changed()).isTrue();
  }

  /** It has outlived its Belay, and would make the change after the undo said that it is gone. */
  @Test
  void commandThatOutlivedItsBelay_isEndedBeforeTheUndoLooks() throws Exception {
    context.runKilledAfterSave(CheckedChange.BEGUN, change, input(""));
    Process orphan =
        orphan("changeByCommand-1", "trap '' HUP; while ! test -e never; do sleep 0.1; done");
    try {
      context.run(revert, undo());
      assertThat(orphan.waitFor(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      orphan.destroyForcibly();
    }
  }

  /** Such as a service without a supervisor. */
  @Test
  void whatAWholeChangeStarted_goesOn() throws Exception {
    context.run(change, input(""));
    Process service = orphan("changeByCommand-1", "while ! test -e never; do sleep 0.1; done");
    try {
      context.run(revert, undo());
      assertThat(service.isAlive()).isTrue();
    } finally {
      service.destroyForcibly();
    }
  }

  /** The undo's own: the service that it started for the later change is not a left command. */
  @Test
  void whatTheUndoStarted_goesOn_whenItTakesTheNextChangeBack() throws Exception {
    context.run(change, input(""));
    context.run(change, input(""));
    Process service = orphan("revertByCommand-3", "while ! test -e never; do sleep 0.1; done");
    try {
      context.run(revert, undo());
      assertThat(service.isAlive()).isTrue();
    } finally {
      service.destroyForcibly();
    }
  }

  private Process orphan(String mark, String script) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", script).directory(directory.toFile());
    builder.environment().put(Commands.MARK, mark);
    return builder.start();
  }

  @Test
  void plan_showsTheCommands_andTheHashOfAScript() throws Exception {
    Path script = Files.writeString(directory.resolve("apply.sh"), "true\n");
    CommandTarget target =
        new CommandTarget(
            null,
            shell(CHECK),
            Command.of("sh", script.toString()),
            shell("true"),
            Map.of("MODE", "[a-z]+"),
            List.of());
    StepPlan plan = change.plan(input("empty"), new Environment("t", "", Map.of("mode", target)));

    assertThat(plan.effect()).isEqualTo(StepPlan.Effect.CHANGES);
    assertThat(plan.details())
        .contains("apply: sh " + script + ", for at most 600 s", "with MODE=quiet")
        .contains("check must then print: empty")
        .anyMatch(line -> line.matches(script + " has SHA-256 [0-9a-f]{64}"));
  }

  @Test
  void whatTheTargetDoesNotTake_isRefusedBeforeTheRun() {
    assertThat(problems("MODE=LOUD")).singleElement().asString().contains("does not match");
    assertThat(problems("MODE=a\nPATH=/tmp")).singleElement().asString().contains("no parameter");
    assertThat(problems("")).singleElement().asString().contains("needs the parameter 'MODE'");
    assertThat(
            change.check(
                input(""),
                new Environment("t", "", Map.of("mode", CommandTarget.of(Command.of("true"))))))
        .singleElement()
        .asString()
        .contains("needs 'check', 'apply' and 'revert'");
  }

  private List<String> problems(String parameters) {
    return change.check(
        new ChangeByCommand.Input(
            "mode", Assignments.valueOf(parameters), Expectations.none(), Duration.ZERO, false),
        new Environment("t", "", Map.of("mode", target("true"))));
  }
}
