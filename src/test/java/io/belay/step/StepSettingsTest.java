package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.target.InvalidSetting;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StepSettingsTest {

  private static StepSettings settings(int attempts, String backoff, String longest) {
    return new StepSettings(
        8,
        attempts,
        Duration.parse(backoff),
        Duration.parse(longest),
        Duration.ofSeconds(30),
        Duration.ofSeconds(2),
        Duration.ofSeconds(1),
        Duration.ofSeconds(30));
  }

  @Test
  void pause_doublesUpToTheLongest() {
    StepSettings settings = settings(10, "PT2S", "PT20S");
    assertThat(settings.pause(1, 0.5)).isEqualTo(Duration.ofSeconds(2));
    assertThat(settings.pause(2, 0.5)).isEqualTo(Duration.ofSeconds(4));
    assertThat(settings.pause(4, 0.5)).isEqualTo(Duration.ofSeconds(16));
    assertThat(settings.pause(5, 0.5)).isEqualTo(Duration.ofSeconds(20));
    assertThat(settings.pause(1000, 1)).isEqualTo(Duration.ofSeconds(20));
  }

  @Test
  void jitter_staysWithinAQuarter() {
    StepSettings settings = settings(4, "PT4S", "PT5M");
    assertThat(settings.pause(1, 0)).isEqualTo(Duration.ofSeconds(3));
    assertThat(settings.pause(1, 1)).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void retryCycle_hasOnePauseBetweenEachTwoAttempts() {
    assertThat(settings(4, "PT2S", "PT5M").retryCycle()).isEqualTo("PT2S,PT4S,PT8S");
    assertThat(settings(2, "PT0.1S", "PT5M").retryCycle()).isEqualTo("PT0.1S");
  }

  @Test
  void lockThatAHeartbeatCouldMiss_isRefused() {
    assertThatThrownBy(
            () ->
                new StepSettings(
                    8,
                    4,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(30)))
        .hasMessageContainingAll("belay.step.lock", "belay.step.heartbeat");
  }

  @Test
  void jobLockThatAShortStepCouldOutlast_isRefused() {
    StepSettings settings = settings(4, "PT2S", "PT5M");
    assertThatCode(() -> settings.requireShorterThan(Duration.ofSeconds(35)))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> settings.requireShorterThan(Duration.ofSeconds(34)))
        .isInstanceOf(InvalidSetting.class)
        .hasMessageContainingAll("belay.step.short-limit", "lock-time-in-millis (34000)");
  }
}
