package io.belay.playground;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Starts and stops the application's processes, as docker or systemd would: {@code ServiceControl
 * <world directory> start|stop|running v1|v2 <slot>|all}. Starting what runs and stopping what does
 * not is fine; a slot in which the other version runs cannot be started, and is left alone by stop.
 * Exit code 0 on success, 1 with a sentence on standard error otherwise. {@code running} exits 0
 * when that version runs in one of the slots: a service that runs in part must still be stopped.
 */
public final class ServiceControl {

  private static final int START_SECONDS = 20;
  private static final int STOP_SECONDS = 8;

  private final Path world;

  ServiceControl(Path world) {
    this.world = world;
  }

  public static void main(String[] args) throws Exception {
    ServiceControl control = new ServiceControl(Path.of(args[0]));
    String version = args[2];
    List<String> slots = Slots.named(version, args[3]);
    try {
      switch (args[1]) {
        case "start" -> control.start(version, slots);
        case "stop" -> control.stop(version, slots);
        case "running" -> {
          if (!control.anyRuns(version, slots)) {
            throw new IllegalStateException(version + " does not run in " + slots);
          }
        }
        default -> throw new IllegalArgumentException("unknown verb " + args[1]);
      }
    } catch (IllegalStateException | IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  public boolean runs(String version, String slot) throws IOException {
    return running(slot).filter(entry -> entry.what().equals(version)).isPresent();
  }

  private boolean anyRuns(String version, List<String> slots) throws IOException {
    for (String slot : slots) {
      if (runs(version, slot)) {
        return true;
      }
    }
    return false;
  }

  Optional<PidFile.Entry> running(String slot) throws IOException {
    return PidFile.ofSlot(world, slot).read();
  }

  /** Starts the slots beside each other and returns when all of them listen. */
  public void start(String version, List<String> slots) throws IOException, InterruptedException {
    List<Process> launched = new ArrayList<>();
    List<String> awaited = new ArrayList<>();
    for (String slot : slots) {
      Optional<PidFile.Entry> occupant = running(slot);
      if (occupant.isEmpty()) {
        launched.add(launch(version, slot));
        awaited.add(slot);
      } else if (!occupant.get().what().equals(version)) {
        throw new IllegalStateException(
            "slot %s is taken by %s; stop it first".formatted(slot, occupant.get().what()));
      }
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    for (int i = 0; i < awaited.size(); i++) {
      while (!runs(version, awaited.get(i))) {
        if (!launched.get(i).isAlive() || System.nanoTime() > deadline) {
          launched.get(i).destroyForcibly();
          throw new IllegalStateException(
              "%s did not start in slot %s; see %s"
                  .formatted(version, awaited.get(i), output(awaited.get(i))));
        }
        Thread.sleep(20);
      }
    }
  }

  private Process launch(String version, String slot) throws IOException {
    List<String> command = new ArrayList<>();
    if (new File("/usr/bin/setsid").canExecute()) {
      // A service must outlive whoever starts it, and the process group of that one.
      command.add("/usr/bin/setsid");
    }
    command.addAll(Java.command(Java.classpath(MainServer.class, org.postgresql.Driver.class)));
    command.add(MainServer.class.getName());
    command.add("--version=" + version);
    command.add("--slot=" + slot);
    command.add("--world=" + world);
    return new ProcessBuilder(command)
        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
        .redirectOutput(ProcessBuilder.Redirect.appendTo(output(slot).toFile()))
        .redirectErrorStream(true)
        .start();
  }

  private Path output(String slot) {
    return world.resolve("logs").resolve(slot + ".out");
  }

  /** Stops the slots that run this version, each once it has answered what was in flight. */
  public void stop(String version, List<String> slots) throws IOException, InterruptedException {
    List<ProcessHandle> stopping = new ArrayList<>();
    for (String slot : slots) {
      running(slot)
          .filter(entry -> entry.what().equals(version))
          .ifPresent(entry -> stopping.add(entry.process()));
    }
    stopping.forEach(ProcessHandle::destroy);
    for (ProcessHandle process : stopping) {
      awaitEnd(process);
    }
    for (String slot : slots) {
      if (running(slot).isEmpty()) {
        Files.deleteIfExists(world.resolve("run").resolve(slot + ".pid"));
      }
    }
  }

  static void awaitEnd(ProcessHandle process) throws InterruptedException {
    try {
      process.onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      process.destroyForcibly();
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot wait for process " + process.pid(), e);
    }
  }
}
