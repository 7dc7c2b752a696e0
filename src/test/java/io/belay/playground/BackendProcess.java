package io.belay.playground;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.belay.split.Rollout;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The backend application's one process. Its port refuses connections while it restarts. */
final class BackendProcess {

  private static final int START_SECONDS = 30;

  private final Path world;

  BackendProcess(Path world) {
    this.world = world;
  }

  boolean runs() throws IOException {
    return running().isPresent();
  }

  private Optional<PidFile.Entry> running() throws IOException {
    return PidFile.ofSlot(world, BackendApplication.NAME).read();
  }

  void restart() throws IOException, InterruptedException {
    stop();
    start();
  }

  /** Returns when it listens; does nothing when it runs. */
  void start() throws IOException, InterruptedException {
    if (runs()) {
      return;
    }
    List<String> command = new ArrayList<>();
    if (new File("/usr/bin/setsid").canExecute()) {
      // It must outlive whoever starts it, and the process group of that one.
      command.add("/usr/bin/setsid");
    }
    command.addAll(Java.command(classpath(), 96));
    command.addAll(List.of(BackendApplication.class.getName(), world.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output()))
            .redirectErrorStream(true);
    // As under a service manager: nothing of whoever starts it.
    builder.environment().keySet().removeIf(name -> name.startsWith("BELAY_"));
    Process process = builder.start();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!runs()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        process.destroyForcibly();
        throw new IllegalStateException("the backend did not start; see " + output());
      }
      Thread.sleep(20);
    }
  }

  private File output() {
    return world.resolve("logs/backend.out").toFile();
  }

  private String classpath() {
    return world.resolve("backend/classes")
        + File.pathSeparator
        + Java.classpath(
            BackendApplication.class,
            Rollout.class,
            JsonMapper.class,
            JsonFactory.class,
            JsonProperty.class,
            org.postgresql.Driver.class);
  }

  /** Returns when it has answered what was in flight and is gone. */
  void stop() throws IOException, InterruptedException {
    Optional<PidFile.Entry> running = running();
    if (running.isPresent()) {
      running.get().process().destroy();
      ServiceControl.awaitEnd(running.get().process());
    }
  }

  /** At the end of the world nobody waits for an answer. */
  void kill() throws IOException {
    running().ifPresent(entry -> entry.process().destroyForcibly());
  }
}
