package io.belay.step;

import io.belay.target.InvalidSetting;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How steps are run ({@code belay.step.*}).
 *
 * @param slots long steps that this node works on at the same time
 * @param attempts of a step before it becomes an incident
 * @param backoff pause after the first failed attempt; doubled after each further one, with jitter
 * @param maxBackoff the longest pause
 * @param lock how long an external task stays locked without a heartbeat
 * @param heartbeat how often the lock is renewed
 * @param poll how often to look for new work that another node created
 * @param shortLimit how long a step may take inside the engine's job; then it is stopped, so that
 *     it is over before the job's lock ends and another node may start it
 */
@Validated
@ConfigurationProperties("belay.step")
public record StepSettings(
    @Min(1) @Max(256) @DefaultValue("8") int slots,
    @Min(1) @Max(100) @DefaultValue("4") int attempts,
    @NotNull @DefaultValue("2s") Duration backoff,
    @NotNull @DefaultValue("5m") Duration maxBackoff,
    @NotNull @DefaultValue("30s") Duration lock,
    @NotNull @DefaultValue("2s") Duration heartbeat,
    @NotNull @DefaultValue("1s") Duration poll,
    @NotNull @DefaultValue("30s") Duration shortLimit) {

  /** Time for a stopped step to return and for the engine to commit. */
  static final Duration TIME_TO_STOP = Duration.ofSeconds(5);

  public StepSettings {
    if (lock != null && heartbeat != null && lock.compareTo(heartbeat.multipliedBy(2)) < 0) {
      throw new IllegalArgumentException(
          "belay.step.lock (%s) must be at least twice belay.step.heartbeat (%s)"
              .formatted(lock, heartbeat));
    }
  }

  /**
   * @param lock for how long the engine locks a job
   * @throws InvalidSetting when a step could still be stopping when the lock has ended
   */
  public void requireShorterThan(Duration lock) {
    if (shortLimit.plus(TIME_TO_STOP).compareTo(lock) > 0) {
      throw new InvalidSetting(
          "belay.step.short-limit (%s) must be at least %d s shorter than camunda.bpm.job-execution.lock-time-in-millis (%d)"
              .formatted(shortLimit, TIME_TO_STOP.toSeconds(), lock.toMillis()));
    }
  }

  /**
   * The pause before the next attempt.
   *
   * @param failed attempts so far, from 1
   * @param jitter from 0 to 1
   */
  Duration pause(int failed, double jitter) {
    double factor = Math.pow(2, Math.min(failed, 30) - 1) * (0.75 + jitter / 2);
    double millis = Math.min(backoff.toMillis() * factor, maxBackoff.toMillis());
    return Duration.ofMillis(Math.round(millis));
  }

  /**
   * The pauses between the attempts of a step in the engine's own job, in the engine's notation.
   */
  public String retryCycle() {
    return IntStream.range(1, attempts)
        .mapToObj(failed -> pause(failed, 0.5).toString())
        .collect(Collectors.joining(","));
  }
}
