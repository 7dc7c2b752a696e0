package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.playground.Scratch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandTargetTypeTest {

  private static List<String> problems(
      Command command, List<String> on, int batch, Command between) {
    return TestTypes.problems(
        new CommandTargetType(),
        new CommandTarget(
            null, command, command, command, Map.of(), List.of(), on, batch, between));
  }

  @Test
  void commandThatChecks_isNoneThatChanges() {
    Command some = Command.of("true");
    assertThat(
            TestTypes.problems(
                new CommandTargetType(),
                new CommandTarget(some, some, some, some, Map.of(), List.of())))
        .singleElement()
        .asString()
        .startsWith("targets.d.run: must be absent beside 'check', 'apply' and 'revert'");

    CommandTarget publishes =
        new CommandTarget(some, null, null, null, Map.of(), List.of("database"));
    assertThat(publishes.notForChecks("publisher"))
        .contains(
            "command target 'publisher' changes [database], as its 'changes' says, so it cannot check or measure");
    assertThat(CommandTarget.of(some).notForChecks("tests")).isEmpty();
    assertThat(new CommandTarget(null, some, some, some, Map.of(), List.of()).notForChecks("x"))
        .contains("command target 'x' has no 'run'");
  }

  @Test
  void hosts_mustBeTargetsOfThisFile_eachNamedOnce_andMoreThanABatchToBeCheckedBetween() {
    assertThat(problems(Command.of("true"), List.of("web1", "web1"), 2, Command.of("true")))
        .containsExactly(
            "targets.d.on[0]: must be the name of a target of type host in this file",
            "targets.d.on[1]: must be the name of a target of type host in this file",
            "targets.d.on: must name each host once",
            "targets.d.between: is only asked where 'on' names more hosts than one batch has");
    assertThat(problems(Command.of("true"), List.of(), 1, null)).isEmpty();
  }

  @Test
  void filesForAHost_areFilesOfThisMachine_whichStandInOneDirectoryThere() throws Exception {
    Path directory = Scratch.directory("reads");
    Path script = Files.createFile(directory.resolve("a.sh"));
    Path same = Files.createFile(Files.createDirectory(directory.resolve("b")).resolve("a.sh"));
    Command command =
        new Command(
            List.of("./a.sh"),
            directory,
            Map.of(),
            Duration.ofSeconds(1),
            List.of(script, same, directory));
    assertThat(problems(command, List.of("web1"), 1, null))
        .anyMatch(problem -> problem.startsWith("targets.d.apply.directory: must be absent"))
        .anyMatch(problem -> problem.startsWith("targets.d.apply.reads: must be files of this"))
        .anyMatch(problem -> problem.contains("files of different names"));
    Files.write(script, new byte[Command.MOST_SENT + 1]);
    assertThat(problems(command, List.of("web1"), 1, null))
        .anyMatch(problem -> problem.contains("reads: must have 1048576 bytes together at most"));
  }
}
