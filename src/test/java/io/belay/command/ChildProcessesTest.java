package io.belay.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.belay.target.Command;
import io.belay.target.Secret;
import io.belay.target.SettableCancellation;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ChildProcessesTest {

  private static final Consumer<String> NOBODY = line -> {};

  private final Commands commands = new ChildProcesses(Duration.ofMillis(300));
  private final SettableCancellation cancellation = new SettableCancellation();
  private final List<Long> strays = new ArrayList<>();

  @TempDir Path directory;

  @AfterEach
  void endStrays() {
    strays.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
  }

  private Command shell(String script) {
    return shell(script, Duration.ofSeconds(30), Map.of());
  }

  private Command shell(String script, Duration timeout, Map<String, Secret> environment) {
    return new Command(List.of("sh", "-c", script), directory, environment, timeout);
  }

  private Commands.Result run(Command command) {
    return commands.run(command, Map.of(), cancellation, NOBODY);
  }

  /** The process id that a script wrote to a file in its working directory. */
  private long pid(String file) {
    Path path = directory.resolve(file);
    await().until(() -> Files.exists(path) && !Files.readString(path).isBlank());
    try {
      long pid = Long.parseLong(Files.readString(path).strip());
      strays.add(pid);
      return pid;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A killed orphan may stay as a zombie where nobody reaps it; it runs no more. */
  private static boolean runs(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void anyExitCode_isAResult_withBothOutputs() {
    Commands.Result result = run(shell("echo out; echo err >&2; exit 3"));

    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.succeeded()).isFalse();
    assertThat(result.output().lines()).containsExactlyInAnyOrder("out", "err");
  }

  @Test
  void eachLine_isPassedOn_secretsMasked() {
    List<String> lines = Collections.synchronizedList(new ArrayList<>());

    Commands.Result result =
        commands.run(
            shell(
                "echo \"$DATABASE_PASSWORD\"; echo \"token=$TOKEN mode=$NODE_ENV on $PGHOST\"",
                Duration.ofSeconds(30),
                Map.of(
                    "DATABASE_PASSWORD",
                    Secret.of("hunter22"),
                    "NODE_ENV",
                    Secret.of("production"))),
            Map.of("TOKEN", Secret.of("abc/d+e f"), "PGHOST", Secret.of("db.example")),
            cancellation,
            lines::add);

    assertThat(lines).containsExactly("******", "token=****** mode=production on db.example");
    assertThat(result.output()).isEqualTo(String.join("\n", lines));
  }

  /** Prints what a command of each kind, and the guard, see of this process' environment. */
  public static final class Environments {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    public static void main(String[] args) throws Exception {
      Commands commands = new ChildProcesses();
      SettableCancellation nothing = new SettableCancellation();
      Command command =
          new Command(List.of("env"), null, Map.of("NAMED", Secret.of("by the target")), LIMIT);
      Map<String, Secret> extra = Map.of("BELAY_RUN", Secret.of("run-1"));
      System.out.println(commands.run(command, extra, nothing, NOBODY).output());
      commands.runReading(command, extra, nothing, out -> out.transferTo(System.out));
      System.out.println(commands.runWriting(command, extra, nothing, in -> {}).output());
      commands.runFiltering(command, extra, nothing, in -> {}, out -> out.transferTo(System.out));
      String guard =
          ProcessHandle.current()
              .children()
              .map(child -> Path.of("/proc/" + child.pid() + "/environ"))
              .map(Environments::read)
              .collect(Collectors.joining("\n"));
      System.out.println("guard:\n" + guard);
      System.exit(0);
    }

    private static String read(Path environment) {
      try {
        return Files.readString(environment).replace('\0', '\n');
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void child_inheritsNoSecretOfBelays_underAnyName_andHasWhatTheTargetNames() throws Exception {
    ProcessBuilder belay =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Environments.class.getName());
    for (String name :
        List.of(
            "BELAY_DATABASE_PASSWORD",
            "PGPASSWORD",
            "REDISCLI_AUTH",
            "SPRING_DATASOURCE_PASSWORD",
            "AWS_SECRET_ACCESS_KEY",
            "DATABASE_PASSWORD",
            "HTTPS_PROXY",
            "SSH_AUTH_SOCK",
            "_JAVA_OPTIONS_NOT",
            "lower_case")) {
      belay.environment().put(name, "a-secret-of-belays");
    }
    belay.environment().putAll(Map.of("LC_MESSAGES", "C", "TZ", "Asia/Tokyo"));
    Process process = belay.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).doesNotContain("a-secret-of-belays");
    String[] kinds = output.split("guard:\n");
    assertThat(kinds[0].lines().filter(line -> line.equals("BELAY_RUN=run-1"))).hasSize(4);
    assertThat(kinds[0].lines().filter(line -> line.equals("TZ=Asia/Tokyo"))).hasSize(4);
    assertThat(kinds[0]).contains("NAMED=", "PATH=", "HOME=", "LC_MESSAGES=C");
    assertThat(kinds[1]).contains("TZ=Asia/Tokyo", "PATH=");
  }

  @Test
  void unknownProgram_isNamed() {
    assertThatThrownBy(() -> run(Command.of("no-such-program", "x")))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("there is no program 'no-such-program' on the PATH");
    assertThatThrownBy(() -> run(Command.of("/no/such/program")))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("there is no program '/no/such/program'");
  }

  @Test
  void unknownDirectory_isNamed() {
    Command command =
        new Command(List.of("true"), Path.of("/no/such/dir"), Map.of(), Duration.ofSeconds(1));
    assertThatThrownBy(() -> run(command))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("there is no directory /no/such/dir");
  }

  @Test
  void impossibleVariable_isNamedWithoutItsValue() {
    Map<String, Secret> extra = Map.of("TOKEN", Secret.of("hunter\0two"));
    assertThatThrownBy(() -> commands.run(Command.of("true"), extra, cancellation, NOBODY))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("TOKEN")
        .hasMessageNotContaining("hunter");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "head -c 1G /dev/zero; echo",
        "yes $(head -c 1000 /dev/zero | tr '\\0' x) | head -c 200M; echo"
      })
  @Timeout(300)
  void gigabyteInOneLine_andManyLines_stayOutOfMemory(String prints) {
    MemoryPoolMXBean old =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getName().matches(".*(Tenured|Old).*"))
            .findFirst()
            .orElseThrow();
    System.gc();
    long before = old.getUsage().getUsed();
    old.resetPeakUsage();

    Commands.Result result = run(shell(prints + "; echo end", Duration.ofMinutes(4), Map.of()));

    assertThat(old.getPeakUsage().getUsed() - before).isLessThan(32L << 20);
    assertThat(result.output().length()).isLessThanOrEqualTo(OutputTail.TAIL_CHARS);
    assertThat(result.output()).matches("(?s).*(\0{9}|x{9}).*\nend");
  }

  @Test
  void lastLines_areKept() {
    Commands.Result result = run(shell("seq 1 200000"));

    assertThat(result.output()).endsWith("199999\n200000").hasSizeLessThan(OutputTail.TAIL_CHARS);
    assertThat(result.output().length()).isGreaterThan(OutputTail.TAIL_CHARS - 20);
  }

  @Test
  void secretAcrossTheCut_isNotShownInPart() {
    String padding = "x".repeat(OutputTail.LINE_BYTES - 4);
    Commands.Result result =
        run(
            shell(
                "echo '" + padding + "'$TOKEN",
                Duration.ofSeconds(5),
                Map.of("TOKEN", Secret.of("hunter22"))));

    assertThat(result.output()).contains("***").doesNotContain("hunt");
  }

  @Test
  void failingReceiver_doesNotHangTheProcess() {
    Commands.Result result =
        commands.run(
            shell("seq 1 100000"),
            Map.of(),
            cancellation,
            line -> {
              throw new IllegalStateException("journal is down");
            });
    assertThat(result.succeeded()).isTrue();
  }

  @Test
  void commandThatIgnoresSigterm_isKilledWithItsChildren_whenItsTimeIsUp() {
    Command command =
        shell(
            "trap '' TERM; echo $$ > parent; (trap '' TERM; sleep 300 & echo $! > child; wait) & "
                + "echo waiting; wait; sleep 300",
            Duration.ofMillis(500),
            Map.of());

    assertThatThrownBy(() -> run(command))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("did not end within PT0.5S")
        .hasMessageContaining("waiting");
    assertThat(runs(pid("parent"))).isFalse();
    assertThat(runs(pid("child"))).isFalse();
  }

  @Test
  void orphanedGrandchild_isKilledOnCancellation() {
    CompletableFuture<Commands.Result> running =
        CompletableFuture.supplyAsync(
            () -> run(shell("(sleep 300 & echo $! > orphan); echo $$ > parent; sleep 300")));
    long parent = pid("parent");
    long orphan = pid("orphan");
    assertThat(runs(orphan)).isTrue();

    cancellation.cancel();

    assertThatThrownBy(() -> running.get(20, TimeUnit.SECONDS))
        .isInstanceOfAny(CancellationException.class, ExecutionException.class)
        .hasStackTraceContaining("was cancelled");
    assertThat(runs(parent)).isFalse();
    assertThat(runs(orphan)).isFalse();
  }

  @Test
  void cancelledStep_startsNothing() {
    cancellation.cancel();
    assertThatThrownBy(() -> run(shell("touch started"))).isInstanceOf(CancellationException.class);
    assertThat(directory.resolve("started")).doesNotExist();
  }

  @Test
  void serviceThatACommandStarted_livesOn_andIsNotWaitedFor() {
    Commands.Result result = run(shell("sleep 300 & echo $! > service; echo started"));

    assertThat(result).isEqualTo(new Commands.Result(0, "started"));
    assertThat(runs(pid("service"))).isTrue();
  }

  @Test
  void runReading_handsOutputOver_andKeepsErrors() throws Exception {
    StringBuilder read = new StringBuilder();
    Commands.Result result =
        commands.runReading(
            shell("echo data; echo warning >&2"),
            Map.of(),
            cancellation,
            out -> read.append(new String(out.readAllBytes(), StandardCharsets.UTF_8)));

    assertThat(read).hasToString("data\n");
    assertThat(result).isEqualTo(new Commands.Result(0, "warning"));
  }

  @Test
  void runReading_endsTheProcess_whenTheReaderFails() {
    assertThatThrownBy(
            () ->
                commands.runReading(
                    shell("echo $$ > parent; yes"),
                    Map.of(),
                    cancellation,
                    out -> {
                      out.read();
                      throw new IOException("disk full");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("disk full");
    assertThat(runs(pid("parent"))).isFalse();
  }

  @Test
  void runReading_isCancelledWhileItReads() {
    AtomicLong bytes = new AtomicLong();
    assertThatThrownBy(
            () ->
                commands.runReading(
                    shell("yes"),
                    Map.of(),
                    cancellation,
                    out -> {
                      bytes.addAndGet(out.readNBytes(1_000_000).length);
                      cancellation.cancel();
                      out.readAllBytes();
                    }))
        .isInstanceOf(CancellationException.class);
    assertThat(bytes).hasValue(1_000_000);
  }

  @Test
  void runWriting_feedsTheProcess() throws Exception {
    Commands.Result result =
        commands.runWriting(
            Command.of("wc", "-c"),
            Map.of(),
            cancellation,
            in -> {
              byte[] block = new byte[1 << 16];
              for (int i = 0; i < 100; i++) {
                in.write(block);
              }
            });
    assertThat(result).isEqualTo(new Commands.Result(0, "6553600"));
  }

  @Test
  void runWriting_killsTheProcess_beforeItTakesABrokenOffInputForComplete() {
    assertThatThrownBy(
            () ->
                commands.runWriting(
                    shell("echo $$ > parent; cat > got; touch complete"),
                    Map.of(),
                    cancellation,
                    in -> {
                      in.write(new byte[100_000]);
                      throw new IOException("artifact was changed");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("artifact was changed");
    assertThat(runs(pid("parent"))).isFalse();
    assertThat(directory.resolve("complete")).doesNotExist();
  }

  @Test
  void runWriting_toAProcessThatGaveUp_tellsItsExitCodeAndReason() throws Exception {
    Commands.Result result =
        commands.runWriting(
            shell("echo 'syntax error' >&2; exit 3"),
            Map.of(),
            cancellation,
            in -> in.write(new byte[10_000_000]));
    assertThat(result).isEqualTo(new Commands.Result(3, "syntax error"));
  }

  @Test
  void runWriting_toAProcessThatSaysSuccessWithoutReadingAll_fails() {
    assertThatThrownBy(
            () ->
                commands.runWriting(
                    shell("exit 0"), Map.of(), cancellation, in -> in.write(new byte[10_000_000])))
        .isInstanceOf(IOException.class);
  }

  @Test
  void runWriting_toAProcessThatDoesNotRead_endsWhenItsTimeIsUp() {
    assertThatThrownBy(
            () ->
                commands.runWriting(
                    shell("sleep 300", Duration.ofMillis(300), Map.of()),
                    Map.of(),
                    cancellation,
                    in -> in.write(new byte[10_000_000])))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("did not end within");
  }

  // ------------------------------------------------------------------ filters

  @Test
  void filter_isFedAndReadAtOnce_moreThanAnyBufferHolds() throws Exception {
    byte[] chunk = new byte[1 << 16];
    AtomicLong read = new AtomicLong();

    Commands.Result result =
        commands.runFiltering(
            shell("cat"),
            Map.of(),
            cancellation,
            in -> {
              for (int i = 0; i < 100; i++) {
                in.write(chunk);
              }
            },
            out -> {
              for (int n = out.read(new byte[1 << 12]); n >= 0; n = out.read(new byte[1 << 12])) {
                read.addAndGet(n);
              }
            });

    assertThat(result.succeeded()).isTrue();
    assertThat(read).hasValue(100L << 16);
  }

  @Test
  void filterThatStopsReading_saysSoByItsExitCode() throws Exception {
    Commands.Pipe<OutputStream> endless =
        in -> {
          while (true) {
            in.write(new byte[1 << 16]);
          }
        };

    Commands.Result enough =
        commands.runFiltering(shell("head -c 10"), Map.of(), cancellation, endless, out -> {});
    Commands.Result broken =
        commands.runFiltering(
            shell("echo no disk >&2; exit 3"), Map.of(), cancellation, endless, out -> {});

    assertThat(enough.succeeded()).isTrue();
    assertThat(broken.exitCode()).isEqualTo(3);
    assertThat(broken.output()).contains("no disk");
  }

  @Test
  void filterWhoseInputBreaksOff_isKilledBeforeItTakesItForComplete() {
    assertThatThrownBy(
            () ->
                commands.runFiltering(
                    shell("cat > got; echo complete > complete"),
                    Map.of(),
                    cancellation,
                    in -> {
                      in.write("half".getBytes(StandardCharsets.UTF_8));
                      in.flush();
                      throw new IOException("the source is damaged");
                    },
                    out -> {}))
        .hasMessage("the source is damaged");
    assertThat(directory.resolve("complete")).doesNotExist();
  }

  @Test
  void filterWhoseOutputIsRefused_isKilled_andTheReasonThrown() {
    assertThatThrownBy(
            () ->
                commands.runFiltering(
                    shell("cat"),
                    Map.of(),
                    cancellation,
                    in -> {
                      while (true) {
                        in.write(new byte[1 << 16]);
                      }
                    },
                    out -> {
                      throw new IllegalStateException("the receiver is full");
                    }))
        .hasMessage("the receiver is full");
  }

  @Test
  void cancelledFilter_isKilled() {
    assertThatThrownBy(
            () ->
                commands.runFiltering(
                    shell("cat"),
                    Map.of(),
                    cancellation,
                    in -> {
                      cancellation.cancel();
                      while (true) {
                        in.write(new byte[1 << 16]);
                      }
                    },
                    out -> {}))
        .isInstanceOf(CancellationException.class);
  }
}
