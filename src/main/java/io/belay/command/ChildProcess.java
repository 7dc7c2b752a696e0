package io.belay.command;

import io.belay.command.Commands.Result;
import io.belay.target.Cancellation;
import io.belay.target.Command;
import io.belay.target.Masking;
import io.belay.target.Secret;
import io.belay.target.StrayCommands;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** One running command with its time limit, its cancellation and the end of its output. */
final class ChildProcess implements AutoCloseable {

  /**
   * How long to read output after the process has ended; a daemon that it started may hold it open
   * for ever.
   */
  private static final long LAST_OUTPUT_MILLIS = 500;

  private static final ScheduledExecutorService TIMER =
      Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "command-time-limits"));

  /**
   * What libpq reads apart from the password: names that errors must show, so they are not masked.
   */
  private static final Set<String> NO_SECRETS =
      Set.of(
          "PGHOST",
          "PGPORT",
          "PGDATABASE",
          "PGUSER",
          "PGPASSFILE",
          "PGCONNECT_TIMEOUT",
          "PGAPPNAME",
          "PGOPTIONS",
          "BELAY_RUN",
          "BELAY_STEP",
          "BELAY_ATTEMPT",
          "BELAY_FENCE",
          StrayCommands.VARIABLE);

  private final Process process;
  private final Command command;
  private final Masking masking;
  private final ProcessTree tree;
  private final Future<?> timeLimit;
  private final AutoCloseable registration;
  private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);
  private OutputTail output;

  /**
   * Leaves RUNNING only once, so that a time limit that expires at the very end does not kill a
   * success.
   */
  private enum State {
    RUNNING,
    ENDED,
    TIMED_OUT,
    CANCELLED
  }

  private ChildProcess(
      Process process,
      Command command,
      Masking masking,
      Cancellation cancellation,
      Duration grace) {
    this.process = process;
    ChildGuard.OF_THIS_PROCESS.begins(process.pid());
    this.command = command;
    this.masking = masking;
    this.tree = new ProcessTree(process, grace);
    this.timeLimit =
        TIMER.schedule(
            () -> kill(State.TIMED_OUT), command.timeout().toMillis(), TimeUnit.MILLISECONDS);
    this.registration = cancellation.onCancel(() -> kill(State.CANCELLED));
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  static ChildProcess start(
      ProcessBuilder builder,
      Command command,
      Map<String, Secret> extra,
      Cancellation cancellation,
      Duration grace) {
    if (cancellation.isCancelled()) {
      throw new CancellationException(
          "command '%s' was not started, the step is cancelled".formatted(command));
    }
    try {
      ChildGuard.OF_THIS_PROCESS.listen();
      return new ChildProcess(
          builder.start(), command, masking(command, extra), cancellation, grace);
    } catch (IOException e) {
      throw new TargetException(
          "command '%s' was not started: %s".formatted(command, e.getMessage()), e);
    }
  }

  /** Masks the secrets that the command is given in its output. */
  static Masking masking(Command command, Map<String, Secret> extra) {
    return Masking.of(
        Stream.concat(
                command.secrets().stream(),
                extra.entrySet().stream()
                    .filter(value -> !NO_SECRETS.contains(value.getKey()))
                    .map(Map.Entry::getValue))
            .toList());
  }

  private void kill(State reason) {
    if (state.compareAndSet(State.RUNNING, reason)) {
      tree.terminate();
    }
  }

  Process process() {
    return process;
  }

  void keepOutput(InputStream stream, Consumer<String> lines) {
    output = new OutputTail(stream, masking, lines);
    daemon(output, "output-" + process.pid()).start();
  }

  /** Waits until the command ends, times out or is cancelled. */
  Result await() {
    try {
      int exitCode = process.waitFor();
      state.compareAndSet(State.RUNNING, State.ENDED);
      tree.awaitTermination();
      output.awaitEnd(LAST_OUTPUT_MILLIS);
      throwIfKilled();
      return new Result(exitCode, output.text());
    } catch (InterruptedException e) {
      kill(State.CANCELLED);
      Thread.currentThread().interrupt();
      throw cancelled();
    }
  }

  private CancellationException cancelled() {
    return new CancellationException(
        "command '%s' was cancelled; it and its children were killed, what it did until then remains"
            .formatted(command));
  }

  private void throwIfKilled() {
    if (state.get() == State.CANCELLED) {
      throw cancelled();
    }
    if (state.get() == State.TIMED_OUT) {
      throw new TargetException(
          "command '%s' did not end within %s; it and its children were killed, what it did until then remains. Its last output: %s"
              .formatted(command, command.timeout(), output.text()));
    }
  }

  /** Whether the process ends within 2 s without being killed. */
  boolean endedByItself() throws InterruptedException {
    return process.waitFor(2, TimeUnit.SECONDS) && state.get() == State.RUNNING;
  }

  /** Ends the process and its children, and waits for that. May be called from any thread. */
  void terminate() {
    tree.terminate();
    try {
      tree.awaitTermination();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the process because the stream's other side failed; returns the first reason. */
  Exception abandonedBecause(Exception failure) {
    tree.terminate();
    try {
      await();
    } catch (TargetException | CancellationException killed) {
      killed.addSuppressed(failure);
      return killed;
    }
    return failure;
  }

  /** Ends the process if it still runs. After its own end, a service that it started goes on. */
  @Override
  public void close() {
    timeLimit.cancel(false);
    try {
      registration.close();
    } catch (Exception e) {
      throw new IllegalStateException("a cancellation could not be unregistered", e);
    }
    if (process.isAlive()) {
      tree.terminate();
    }
    ChildGuard.OF_THIS_PROCESS.ended(process.pid());
  }
}
