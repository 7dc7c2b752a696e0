package io.belay.target;

import io.belay.target.Commands.Result;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
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

/** One running command with its time limit, its cancellation and what it printed last. */
final class ChildProcess implements AutoCloseable {

  /**
   * How long output may come after the end; a daemon that was started may hold it open for ever.
   */
  private static final long LAST_OUTPUT_MILLIS = 500;

  private static final ScheduledExecutorService TIMER =
      Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "command-time-limits"));

  /** What libpq reads beside the password: names of systems, which an error has to tell. */
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

  /** Decided once, so that a limit which passes at the very end kills nothing that went well. */
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
    List<Secret> secrets =
        Stream.concat(
                command.secrets().stream(),
                extra.entrySet().stream()
                    .filter(value -> !NO_SECRETS.contains(value.getKey()))
                    .map(Map.Entry::getValue))
            .toList();
    try {
      ChildGuard.OF_THIS_PROCESS.listen();
      return new ChildProcess(builder.start(), command, Masking.of(secrets), cancellation, grace);
    } catch (IOException e) {
      throw new TargetException(
          "command '%s' was not started: %s".formatted(command, e.getMessage()), e);
    }
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

  /** Waits for the end, whichever it is. */
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

  /** Whether the process ends without being killed, given a moment. */
  boolean endedByItself() throws InterruptedException {
    return process.waitFor(2, TimeUnit.SECONDS) && state.get() == State.RUNNING;
  }

  /** Ends it with its children and waits until that is done; from any thread. */
  void terminate() {
    tree.terminate();
    try {
      tree.awaitTermination();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The stream's other side failed: ends the process and says why, the first reason first. */
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

  /** Ends nothing that ended well: a service that the command started goes on. */
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
