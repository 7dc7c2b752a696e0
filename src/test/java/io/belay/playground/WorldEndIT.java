package io.belay.playground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A world leaves nothing behind, whether it is closed or its process is killed. */
class WorldEndIT {

  /** A world in a process of its own; prints its directory. */
  static final class Alone {

    private Alone() {}

    public static void main(String[] args) throws Exception {
      System.out.println("directory " + World.start().directory());
      Thread.sleep(120_000);
    }
  }

  @Test
  void close_endsEveryProcess_andRemovesTheDirectory() throws Exception {
    World world = World.start();
    List<ProcessHandle> processes = processesOf(world.directory());
    assertThat(processes).hasSizeGreaterThanOrEqualTo(7);

    world.close();

    assertThat(world.directory()).doesNotExist();
    await().atMost(Duration.ofSeconds(10)).until(() -> noneIsAlive(processes));
  }

  @Test
  void killedWorld_takesItsProcessesWithIt() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Java.executable());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Alone.class.getName()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    Path directory;
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      directory =
          output
              .lines()
              .filter(line -> line.startsWith("directory "))
              .map(line -> Path.of(line.substring("directory ".length())))
              .findFirst()
              .orElseThrow();
      List<ProcessHandle> processes = processesOf(directory);
      assertThat(processes).hasSizeGreaterThanOrEqualTo(7);

      process.destroyForcibly();

      await().atMost(Duration.ofSeconds(20)).until(() -> noneIsAlive(processes));
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> !Files.exists(directory));
  }

  /** PostgreSQL, Redis, gateway, three v1 and staging. */
  private static List<ProcessHandle> processesOf(Path world) throws Exception {
    List<Path> files = new ArrayList<>();
    files.add(world.resolve("postgres/postmaster.pid"));
    files.add(world.resolve("redis/redis.pid"));
    try (var run = Files.list(world.resolve("run"))) {
      run.filter(file -> !file.endsWith("world.pid")).forEach(files::add);
    }
    List<ProcessHandle> processes = new ArrayList<>();
    for (Path file : files) {
      String[] words = Files.readString(file).strip().split("\\s+");
      boolean server = file.toString().matches(".*(postmaster|redis)\\.pid");
      processes.add(ProcessHandle.of(Long.parseLong(words[server ? 0 : 1])).orElseThrow());
    }
    return processes;
  }

  private static boolean noneIsAlive(List<ProcessHandle> processes) {
    return processes.stream().noneMatch(ProcessHandle::isAlive);
  }
}
