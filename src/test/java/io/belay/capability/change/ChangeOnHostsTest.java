package io.belay.capability.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.command.ChildProcesses;
import io.belay.command.HostCommands;
import io.belay.command.HostTarget;
import io.belay.command.OpenSshServer;
import io.belay.command.Places;
import io.belay.command.SshSessions;
import io.belay.playground.Scratch;
import io.belay.step.Assignments;
import io.belay.step.BusinessStop;
import io.belay.step.Expectations;
import io.belay.step.FakeStepContext;
import io.belay.target.Command;
import io.belay.target.CommandTarget;
import io.belay.target.Environment;
import io.belay.target.Secret;
import io.belay.target.Target;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A change on three hosts, each an sshd with a home of its own; skipped where none is installed.
 */
@Timeout(180)
class ChangeOnHostsTest {

  private static final List<String> HOSTS = List.of("web1", "web2", "web3");
  private static final Map<String, OpenSshServer> SERVERS = new HashMap<>();
  private static Path root;

  private final SshSessions sessions = new SshSessions();
  private final Places places = new Places(new ChildProcesses(), new HostCommands(sessions));
  private final ChangeByCommand change = new ChangeByCommand(places);
  private final RevertByCommand revert = new RevertByCommand(places);
  private Path directory;
  private FakeStepContext context;

  @BeforeAll
  static void start() throws Exception {
    root = Scratch.directory("hosts");
    for (String host : HOSTS) {
      Path home = Files.createDirectory(root.resolve(host));
      SERVERS.put(host, OpenSshServer.start(Scratch.directory(host), "SetEnv HOME=" + home));
    }
  }

  @AfterAll
  static void stop() {
    SERVERS.values().forEach(OpenSshServer::close);
  }

  @BeforeEach
  void world() throws IOException {
    directory = Scratch.directory("change-on-hosts");
    for (String host : HOSTS) {
      for (String file : List.of("one", "two")) {
        Files.deleteIfExists(home(host).resolve(file));
      }
    }
    use(1, "true");
  }

  /** The change is made by a script that is sent to the host. */
  private void use(int batch, String between) throws IOException {
    Path apply =
        Files.writeString(
            directory.resolve("apply.sh"),
            """
            #!/bin/sh
            echo "apply $(basename "$HOME") $MODE" >>"$CALLS"
            echo "$MODE" >"$HOME/one"
            test ! -e "$CALLS.half" || { rm "$CALLS.half"; exit 9; }
            echo "$MODE" >"$HOME/two"
            """);
    Map<String, Target> targets = new HashMap<>();
    SERVERS.forEach((name, server) -> targets.put(name, server.host()));
    targets.put(
        "mode",
        new CommandTarget(
            null,
            shell("test -e $HOME/two && exit 0; test -e $HOME/one && exit 2; exit 1"),
            new Command(
                List.of("./apply.sh"), null, calls(), Duration.ofSeconds(30), List.of(apply)),
            shell("echo \"revert $(basename $HOME)\" >>$CALLS; rm -f $HOME/one $HOME/two"),
            Map.of("MODE", "[a-z]+"),
            List.of(),
            HOSTS,
            batch,
            shell("echo between >>$CALLS; " + between)));
    context = new FakeStepContext(targets);
  }

  private Command shell(String script) {
    return new Command(List.of("sh", "-c", script), null, calls(), Duration.ofSeconds(30));
  }

  private Map<String, Secret> calls() {
    return Map.of("CALLS", Secret.of(directory.resolve("calls").toString()));
  }

  private List<String> made() throws IOException {
    Path calls = directory.resolve("calls");
    return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
  }

  private static Path home(String host) {
    return root.resolve(host);
  }

  private static ChangeByCommand.Input input() {
    return new ChangeByCommand.Input(
        "mode", Assignments.valueOf("MODE=quiet"), Expectations.none(), Duration.ZERO, false);
  }

  private static RevertByCommand.Input undo() {
    return new RevertByCommand.Input("none", Duration.ZERO);
  }

  @Test
  void hosts_areChangedOneByOne_withTheCheckBetween_andTakenBackInReverse() throws Exception {
    assertThat(context.run(change, input()).changed()).isTrue();
    assertThat(made())
        .containsExactly(
            "apply web1 quiet", "between", "apply web2 quiet", "between", "apply web3 quiet");
    assertThat(home("web3").resolve("two")).hasContent("quiet\n");

    assertThat(context.run(revert, undo()).reverted()).isEqualTo(3);
    assertThat(made().subList(5, 8)).containsExactly("revert web3", "revert web2", "revert web1");
    assertThat(context.run(revert, undo()).reverted()).isZero();
    assertThat(context.takenBack()).containsOnly("changeByCommand-1");
  }

  @Test
  void checkBetweenTwoBatches_thatFails_leavesTheRestUntouched_andTheUndoTakesBackTheBatch()
      throws Exception {
    use(2, "echo queue is full; exit 4");

    assertThatThrownBy(() -> context.run(change, input()))
        .isInstanceOf(BusinessStop.class)
        .hasMessageContainingAll("exit code 4", "'web3' and the hosts after it", "queue is full");
    assertThat(made()).containsExactly("apply web1 quiet", "apply web2 quiet", "between");

    assertThat(context.run(revert, undo()).reverted()).isEqualTo(2);
    assertThat(made()).doesNotContain("revert web3").endsWith("revert web2", "revert web1");
  }

  @Test
  void hostThatHadTheChangeBefore_keepsItAfterTheUndo() throws Exception {
    Files.createFile(home("web2").resolve("one"));
    Files.createFile(home("web2").resolve("two"));

    assertThat(context.run(change, input()).changed()).isTrue();
    assertThat(context.run(revert, undo()).reverted()).isEqualTo(2);

    assertThat(home("web2").resolve("two")).exists();
    assertThat(home("web1").resolve("two")).doesNotExist();
  }

  @Test
  void killedOnTheSecondHost_theNextAttemptMakesItsHalfWhole_andGoesOn() throws Exception {
    use(1, "touch $CALLS.half"); // which breaks the change of the next host off
    assertThatThrownBy(() -> context.run(change, input()))
        .isInstanceOf(TargetException.class)
        .hasMessageContainingAll("on 'web2'", "exit code 9");
    heal();

    assertThat(context.retry(change, input()).changed()).isTrue();
    assertThat(made())
        .containsExactly(
            "apply web1 quiet",
            "between",
            "apply web2 quiet",
            "between",
            "revert web2",
            "apply web2 quiet",
            "between",
            "apply web3 quiet");
  }

  @Test
  void hostThatCannotBeReached_isNamed_andAllOthersAreTakenBack() throws Exception {
    context.run(change, input());
    Environment whole = context.environment();
    Map<String, Target> targets = new LinkedHashMap<>(whole.targets());
    targets.put("web2", unreachable(SERVERS.get("web2").host()));
    context.environment(new Environment("test", "one is down", targets));

    assertThatThrownBy(() -> context.run(revert, undo()))
        .isInstanceOf(TargetException.class)
        .hasMessageContainingAll("not taken back on 'web2'; everywhere else");
    assertThat(made()).endsWith("revert web3", "revert web1");
    assertThat(context.takenBack()).isEmpty();

    context.environment(whole);
    assertThat(context.retry(revert, undo()).reverted()).isEqualTo(1);
    assertThat(made()).endsWith("revert web2");
  }

  private static HostTarget unreachable(HostTarget host) {
    return new HostTarget(
        host.host(),
        1,
        host.username(),
        host.hostKeys(),
        host.key(),
        host.passphrase(),
        host.agent(),
        Duration.ofSeconds(2));
  }

  /** The same world, whose check between two batches breaks nothing. */
  private void heal() throws IOException {
    FakeStepContext before = context;
    use(1, "true");
    before.environment(context.environment());
    context = before;
  }

  @Test
  void whatAKilledBelayLeftOnAHost_isEndedBeforeTheUndoLooks() throws Exception {
    context.runKilledAfterSave(BegunHosts.CHECKPOINT, change, input());
    ProcessBuilder orphan = new ProcessBuilder("sleep", "300");
    orphan.environment().put("BELAY_STEP", "changeByCommand-1");
    Process left = orphan.start();
    try {
      assertThat(context.run(revert, undo()).reverted()).isZero();
      assertThat(left.waitFor(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      left.destroyForcibly();
    }
  }

  @Test
  void plan_saysWhereAndHow_andBindsTheFilesThatAreSent() {
    assertThat(change.plan(input(), context.environment()).details())
        .contains("on hosts web1, web2, web3, 1 at a time")
        .anyMatch(line -> line.startsWith("between two batches, here: sh -c"))
        .anyMatch(line -> line.matches(".*/apply\\.sh has SHA-256 [0-9a-f]{64}"));
  }
}
