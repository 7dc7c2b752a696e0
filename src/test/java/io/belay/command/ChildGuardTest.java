package io.belay.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.belay.playground.Needs;
import io.belay.target.Cancellation;
import io.belay.target.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands of a process that is killed, or paused, for real. */
class ChildGuardTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;

  private final List<ProcessHandle> strays = new ArrayList<>();

  /** Stands for Belay: runs a command, or what it is told. */
  static final class Parent {

    public static void main(String[] args) throws Exception {
      Path directory = Path.of(args[1]);
      String script = "sleep 1; echo $$ > child; sleep 600";
      switch (args[0]) {
        case "command" ->
            new ChildProcesses()
                .run(
                    new Command(
                        List.of("sh", "-c", script), directory, Map.of(), Duration.ofMinutes(5)),
                    Map.of(),
                    Cancellation.NONE,
                    line -> {});
        case "guarded" -> {
          Process child =
              new ProcessBuilder("setsid", "sh", "-c", script)
                  .directory(directory.toFile())
                  .start();
          new ChildGuard(Duration.ofSeconds(2)).begins(child.pid());
          Files.createFile(directory.resolve("told"));
          child.waitFor();
        }
        case "ended" -> {
          Process child =
              new ProcessBuilder("setsid", "sh", "-c", script)
                  .directory(directory.toFile())
                  .start();
          ChildGuard guard = new ChildGuard(Duration.ofSeconds(2));
          guard.begins(child.pid());
          guard.ended(child.pid());
          Files.createFile(directory.resolve("told"));
          child.waitFor();
        }
        default -> throw new IllegalArgumentException(args[0]);
      }
    }
  }

  @BeforeEach
  void needsBash() {
    Needs.that(Files.exists(Path.of("/bin/bash")), "bash");
    Needs.that(ProcessTree.SETSID.isPresent(), "setsid");
  }

  @AfterEach
  void endStrays() {
    strays.forEach(ProcessHandle::destroyForcibly);
  }

  private Process start(String what) throws IOException {
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName(),
                what,
                directory.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile())
            .start();
    strays.add(parent.toHandle());
    return parent;
  }

  private long child() {
    Path file = directory.resolve("child");
    await().atMost(PATIENCE).until(() -> Files.exists(file) && !Files.readString(file).isBlank());
    try {
      long pid = Long.parseLong(Files.readString(file).strip());
      ProcessHandle.of(pid).ifPresent(strays::add);
      return pid;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean runs(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void commandOfAKilledBelay_isEnded() throws Exception {
    Process parent = start("command");
    long child = child();
    assertThat(runs(child)).isTrue();

    parent.destroyForcibly();

    await().atMost(PATIENCE).until(() -> !runs(child));
  }

  @Test
  void commandOfAPausedBelay_isEnded_thoughBelayLives() throws Exception {
    Process parent = start("guarded");
    long child = child();
    await().atMost(PATIENCE).until(() -> Files.exists(directory.resolve("told")));

    new ProcessBuilder("kill", "-STOP", String.valueOf(parent.pid())).start().waitFor();

    await().atMost(PATIENCE).until(() -> !runs(child));
    assertThat(parent.isAlive()).isTrue();
  }

  @Test
  void whatEnded_isNoMoreGuarded() throws Exception {
    Process parent = start("ended");
    long child = child();
    await().atMost(PATIENCE).until(() -> Files.exists(directory.resolve("told")));
    parent.destroyForcibly().waitFor();
    await().atMost(PATIENCE).until(() -> guards() == 0);

    assertThat(runs(child)).isTrue();
  }

  /** Guards of our parents; they end when they have nothing to guard. */
  private long guards() {
    return ProcessHandle.allProcesses()
        .filter(process -> process.parent().map(p -> p.pid() == 1).orElse(true))
        .filter(
            process ->
                process
                    .info()
                    .commandLine()
                    .filter(line -> line.contains("belay-guard 2 "))
                    .isPresent())
        .count();
  }
}
