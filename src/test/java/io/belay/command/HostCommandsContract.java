package io.belay.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.belay.target.Cancellation;
import io.belay.target.Command;
import io.belay.target.Secret;
import io.belay.target.SettableCancellation;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands on a host, whichever SSH server it has. */
@Timeout(120)
abstract class HostCommandsContract {

  @TempDir Path directory;

  private final SshSessions sessions = new SshSessions();
  private final HostCommands commands = new HostCommands(sessions);
  private final String step = "step-" + UUID.randomUUID();
  private final List<String> lines = new CopyOnWriteArrayList<>();

  /** A host that can be logged in to. */
  abstract HostTarget host();

  @AfterEach
  void close() {
    commands.end(host(), step);
    sessions.close();
  }

  private Map<String, Secret> extra() {
    return Map.of("BELAY_STEP", Secret.of(step), "BELAY_RUN", Secret.of("run-1"));
  }

  private Commands.Result run(Command command, Cancellation cancellation) {
    return commands.run(host(), command, extra(), cancellation, lines::add);
  }

  private Commands.Result run(String... arguments) {
    return run(Command.of(arguments), Cancellation.NONE);
  }

  private static Command command(Duration timeout, String... arguments) {
    return new Command(List.of(arguments), null, Map.of(), timeout);
  }

  /** Ids of all processes of this step, on this machine, which is the host. */
  private List<String> processes() {
    return withEntry("BELAY_STEP=" + step);
  }

  private static List<String> withEntry(String entry) {
    return ProcessHandle.allProcesses()
        .map(process -> Long.toString(process.pid()))
        .filter(pid -> read(pid, "environ").contains("\0" + entry + "\0"))
        .toList();
  }

  private static String read(String pid, String file) {
    try {
      return "\0"
          + new String(Files.readAllBytes(Path.of("/proc", pid, file)), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void outputLinesAndExitCode_comeBack() {
    Commands.Result result = run("sh", "-c", "echo one; echo two >&2; exit 7");
    assertThat(result.exitCode()).isEqualTo(7);
    assertThat(lines).containsExactlyInAnyOrder("one", "two");
    assertThat(result.output()).contains("one", "two");
    assertThat(run("printf", "%s", "a 'b' $HOME").output()).isEqualTo("a 'b' $HOME");
  }

  @Test
  void answer_isStandardOutputAlone_andBounded() {
    Commands.Answer answer = ask("sh", "-c", "echo out; echo err >&2; exit 3");
    assertThat(answer).isEqualTo(new Commands.Answer(3, "out\n", true, "err"));
    Commands.Answer flood = ask("sh", "-c", "head -c 400000 /dev/zero | tr '\\0' x");
    assertThat(flood.output()).hasSize(Commands.LONGEST_ANSWER);
    assertThat(flood.whole()).isFalse();
    assertThatThrownBy(() -> ask("no-such-program"))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("there is no program");
  }

  @Test
  void answer_hidesSecretsOfTheCommand_andNotWhatTheStepGivesIt() {
    Command command =
        new Command(
            List.of("sh", "-c", "echo $TOKEN $VERSION"),
            null,
            Map.of("TOKEN", Secret.of("s3cret-value")),
            Duration.ofSeconds(20));
    Map<String, Secret> extra = new HashMap<>(extra());
    extra.put("VERSION", Secret.of("v1.2"));
    assertThat(commands.ask(host(), command, extra, Cancellation.NONE).output())
        .isEqualTo("****** v1.2\n");
  }

  private Commands.Answer ask(String... arguments) {
    return commands.ask(host(), Command.of(arguments), extra(), Cancellation.NONE);
  }

  @Test
  void filesThatACommandReads_areSent_andGoneAfterwards() throws Exception {
    Path script =
        Files.writeString(directory.resolve("who.sh"), "#!/bin/sh\npwd; cat data; exit 4");
    Path data = Files.write(directory.resolve("data"), "it's\0\\n$HOME\n".getBytes());
    Command command =
        new Command(
            List.of("./who.sh"), null, Map.of(), Duration.ofSeconds(20), List.of(script, data));
    Commands.Answer answer = commands.ask(host(), command, extra(), Cancellation.NONE);
    assertThat(answer.exitCode()).isEqualTo(4);
    assertThat(answer.output()).endsWith("\nit's\0\\n$HOME\n");
    assertThat(Path.of(answer.output().lines().findFirst().orElseThrow())).doesNotExist();
  }

  @Test
  void directoryAndVariables_areTheCommands_andNothingElseIsInherited() throws Exception {
    Command command =
        new Command(
            List.of("sh", "-c", "pwd; env"),
            directory,
            Map.of("TOKEN", Secret.of("s3cret-value")),
            Duration.ofSeconds(20));
    String output = run(command, Cancellation.NONE).output();
    assertThat(output).startsWith(directory.toRealPath().toString());
    assertThat(output).contains("TOKEN=******", "BELAY_RUN=run-1").doesNotContain("s3cret");
    assertThat(Stream.of(output.split("\n")).skip(1).map(line -> line.replaceFirst("=.*", "")))
        .allMatch(
            name ->
                List.of(
                            "PATH",
                            "HOME",
                            "USER",
                            "LOGNAME",
                            "LANG",
                            "LANGUAGE",
                            "TZ",
                            "TMPDIR",
                            "PWD",
                            "OLDPWD",
                            "SHLVL",
                            "_",
                            "TOKEN",
                            "BELAY_STEP",
                            "BELAY_RUN")
                        .contains(name)
                    || name.startsWith("LC_"));
  }

  @Test
  void whatCannotBeStarted_isATechnicalFailure() {
    assertThatThrownBy(() -> run("no-such-program", "x"))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("there is no program 'no-such-program'");
    Command nowhere =
        new Command(
            List.of("true"), directory.resolve("nowhere"), Map.of(), Duration.ofSeconds(20));
    assertThatThrownBy(() -> run(nowhere, Cancellation.NONE))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("there is no directory");
  }

  @Test
  void cancelledCommand_endsWithAllThatItStarted_andNothingElse() throws Exception {
    SettableCancellation cancellation = new SettableCancellation();
    Process other = other();
    try {
      CompletableFuture<Commands.Result> running =
          CompletableFuture.supplyAsync(
              () ->
                  run(
                      command(
                          Duration.ofMinutes(5),
                          "sh",
                          "-c",
                          "(trap '' TERM; sleep 300) & setsid sleep 300 & echo started; wait"),
                      cancellation));
      await().atMost(Duration.ofSeconds(60)).until(() -> lines.contains("started"));
      assertThat(processes()).hasSizeGreaterThan(2);
      cancellation.cancel();
      assertThatThrownBy(running::join).hasCauseInstanceOf(CancellationException.class);
      assertThat(processes()).isEmpty();
      assertThat(other.isAlive()).isTrue();
    } finally {
      other.destroyForcibly();
    }
  }

  private Process other() throws IOException {
    ProcessBuilder builder = new ProcessBuilder("sleep", "300");
    builder.environment().put("BELAY_STEP", step + "-2");
    return builder.start();
  }

  @Test
  void commandPastItsTime_isEnded() {
    Command slow = command(Duration.ofMillis(500), "sh", "-c", "echo busy; sleep 300");
    assertThatThrownBy(() -> run(slow, Cancellation.NONE))
        .isInstanceOf(TargetException.class)
        .hasMessageContainingAll("did not end within PT0.5S", "were ended", "busy");
    assertThat(processes()).isEmpty();
  }

  @Test
  void secrets_standInNoArgumentList() {
    SettableCancellation cancellation = new SettableCancellation();
    String secret = "arg-" + UUID.randomUUID();
    Command command =
        new Command(
            List.of("sh", "-c", "echo started; sleep 300"),
            null,
            Map.of("TOKEN", Secret.of(secret)),
            Duration.ofMinutes(5));
    CompletableFuture<Commands.Result> running =
        CompletableFuture.supplyAsync(() -> run(command, cancellation));
    await().atMost(Duration.ofSeconds(60)).until(() -> lines.contains("started"));
    assertThat(withEntry("TOKEN=" + secret)).isNotEmpty();
    assertThat(ProcessHandle.allProcesses().map(p -> read(Long.toString(p.pid()), "cmdline")))
        .noneMatch(line -> line.contains(secret));
    cancellation.cancel();
    assertThatThrownBy(running::join).isInstanceOf(CompletionException.class);
  }

  @Test
  void whatAKilledBelayLeft_isEnded_beforeTheNextAttemptBegins() {
    SshSessions doomed = new SshSessions();
    CompletableFuture<Commands.Result> running =
        CompletableFuture.supplyAsync(
            () ->
                new HostCommands(doomed)
                    .run(
                        host(),
                        Command.of("sh", "-c", "echo started; sleep 300; sleep 300"),
                        extra(),
                        Cancellation.NONE,
                        lines::add));
    await().atMost(Duration.ofSeconds(60)).until(() -> lines.contains("started"));
    doomed.close();
    assertThatThrownBy(running::join)
        .hasCauseInstanceOf(TargetException.class)
        .hasMessageContaining("may still run there");
    List<String> left = processes();
    assertThat(left).isNotEmpty();

    assertThat(run("true").succeeded()).isTrue();
    assertThat(processes()).doesNotContainAnyElementsOf(left);
  }

  @Test
  void hostWithAnotherKey_getsNoCommand() {
    HostTarget host = host();
    HostTarget stranger =
        new HostTarget(
            host.host(),
            host.port(),
            host.username(),
            List.of("SHA256:" + "A".repeat(43)),
            host.key(),
            host.passphrase(),
            host.agent(),
            host.connectTimeout());
    Path trace = directory.resolve("trace");
    assertThatThrownBy(
            () ->
                commands.run(
                    stranger,
                    Command.of("touch", trace.toString()),
                    extra(),
                    Cancellation.NONE,
                    lines::add))
        .isInstanceOf(TargetException.class)
        .hasMessageContainingAll("shows the key SHA256:", "none of its 'host-keys'");
    assertThat(trace).doesNotExist();
  }

  @Test
  void identity_isTheKeyThatTheHostShows() throws Exception {
    HostTargetType type = new HostTargetType(sessions);
    assertThat(type.identify(host()))
        .containsEntry("host key", HostKeys.fingerprint(host().hostKeys().get(0)).orElseThrow());
    assertThat(type.probe(host())).isPresent();
  }
}
