package io.belay.capability.rollout;

import io.belay.command.Commands;
import io.belay.step.StepContext;
import io.belay.target.Cancellation;
import io.belay.target.Command;
import io.belay.target.HttpProbe;
import io.belay.target.ServiceTarget;
import io.belay.target.TargetException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.springframework.stereotype.Component;

/**
 * Starts and stops services with their own commands. Checks first, acts only if needed, and checks
 * again: a start ends when the service answers its health path, a stop when it no longer runs.
 */
@Component
final class ServiceControl {

  private static final Duration STOP_WITHIN = Duration.ofSeconds(30);
  private static final long POLL_MS = 100;

  private final Commands commands;
  private final HttpProbe http;

  ServiceControl(Commands commands, HttpProbe http) {
    this.commands = commands;
    this.http = http;
  }

  /** Whether the process runs, by the {@code running} command or, without one, the health path. */
  boolean isRunning(ServiceProcess process, Cancellation cancellation) {
    if (process.running() == null) {
      return http.get(process.url(), process.health(), process.timeout()).answered();
    }
    return commands.run(process.running(), Map.of(), cancellation, line -> {}).succeeded();
  }

  /**
   * Starts the process if it does not run, and waits until it is healthy.
   *
   * @return whether it had to be started
   * @throws TargetException when the command fails or the service does not become healthy in time;
   *     it is then left as it is, for the undo to stop
   */
  boolean start(ServiceProcess process, StepContext context) {
    boolean runs = isRunning(process, context.cancellation());
    if (!runs) {
      command(process, "start", process.start(), context);
    }
    awaitHealthy(process, context.cancellation());
    return !runs;
  }

  /**
   * Stops the process if it runs, and waits until it no longer runs.
   *
   * @return whether it had to be stopped
   */
  boolean stop(ServiceProcess process, StepContext context) {
    Cancellation cancellation = context.cancellation();
    if (!isRunning(process, cancellation)) {
      return false;
    }
    command(process, "stop", process.stop(), context);
    boolean stopped = until(STOP_WITHIN, cancellation, () -> !isRunning(process, cancellation));
    if (!stopped) {
      throw new TargetException(
          "service '%s' still runs %d s after its stop command; stop it by hand, then retry"
              .formatted(process.name(), STOP_WITHIN.toSeconds()));
    }
    return true;
  }

  /** The ready path's answer; empty when it is 2xx. */
  Optional<String> notReady(ServiceTarget service) {
    HttpProbe.Answer answer = http.get(service.url(), service.ready(), service.timeout());
    return answer.ok() ? Optional.empty() : Optional.of(answer.describe());
  }

  private void awaitHealthy(ServiceProcess process, Cancellation cancellation) {
    HttpProbe.Answer[] last = new HttpProbe.Answer[1];
    boolean healthy =
        until(
            process.startTimeout(),
            cancellation,
            () -> {
              last[0] = http.get(process.url(), process.health(), process.timeout());
              return last[0].ok();
            });
    if (!healthy) {
      throw new TargetException(
          "service '%s' runs, but is not healthy within %d s (%s); see its log, then retry or abort"
              .formatted(process.name(), process.startTimeout().toSeconds(), last[0].describe()));
    }
  }

  /** Polls until the condition holds; returns false when the time is up. */
  static boolean until(Duration bound, Cancellation cancellation, BooleanSupplier condition) {
    long deadline = System.nanoTime() + bound.toNanos();
    while (true) {
      cancellation.throwIfCancelled();
      if (condition.getAsBoolean()) {
        return true;
      }
      if (System.nanoTime() >= deadline) {
        return false;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(POLL_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TargetException("interrupted while waiting", e);
      }
    }
  }

  private void command(ServiceProcess process, String verb, Command command, StepContext context) {
    if (command == null) {
      throw new TargetException(
          "service '%s' has no %s command; add it to the environment, or %s it by hand and retry"
              .formatted(process.name(), verb, verb));
    }
    Commands.Result result =
        commands.run(
            command, context.commandEnvironment(), context.cancellation(), context.commandLog());
    if (!result.succeeded()) {
      throw new TargetException(
          "the %s command of service '%s' (%s) ended with %d: %s"
              .formatted(
                  verb, process.name(), command, result.exitCode(), result.output().strip()));
    }
  }
}
