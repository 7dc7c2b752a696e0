package io.belay.check;

import static io.belay.check.TallyVerdict.Decision.CONTINUE;
import static io.belay.check.TallyVerdict.Decision.FAIL;
import static io.belay.check.TallyVerdict.Decision.PASS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.step.InvalidStepInput;
import io.belay.step.Verdict;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TallyVerdictTest {

  private static final Instant NOW = Instant.parse("2030-01-31T12:00:00Z");
  private final TallyVerdict tally = new TallyVerdict(Clock.fixed(NOW, ZoneOffset.UTC));

  @Test
  void onePassIsEnough_byDefault() {
    assertThat(perform(Verdict.PASS, 0, 0, 0, 1, null).decision()).isEqualTo(PASS);
  }

  @ParameterizedTest
  @EnumSource(names = {"FAIL", "INCONCLUSIVE", "NO_DATA"})
  void whateverIsNoPass_isAFailure(Verdict verdict) {
    TallyVerdict.Result result = perform(verdict, 0, 5, 0, 1, null);
    assertThat(result.decision()).isEqualTo(FAIL);
    assertThat(result.failures()).isEqualTo(1);
    assertThat(result.passes()).isZero();
    assertThat(result.reason()).contains(verdict.name());
  }

  @Test
  void allowedFailures_areInARow() {
    assertThat(perform(Verdict.NO_DATA, 1, 0, 2, 1, null).decision()).isEqualTo(CONTINUE);
    assertThat(perform(Verdict.FAIL, 2, 0, 2, 1, null).decision()).isEqualTo(FAIL);
    assertThat(perform(Verdict.PASS, 2, 0, 2, 3, null).failures()).isZero();
  }

  @Test
  void requiredPasses_areInARow() {
    assertThat(perform(Verdict.PASS, 0, 1, 0, 3, null).decision()).isEqualTo(CONTINUE);
    assertThat(perform(Verdict.PASS, 0, 2, 0, 3, null).decision()).isEqualTo(PASS);
  }

  @Test
  void beforeTheEndOfTheSoak_itGoesOn() {
    assertThat(perform(Verdict.PASS, 0, 9, 0, 1, "2030-01-31T12:00:01Z").decision())
        .isEqualTo(CONTINUE);
    assertThat(perform(Verdict.PASS, 0, 9, 0, 1, "2030-01-31T12:00:00Z").decision())
        .isEqualTo(PASS);
    assertThat(perform(Verdict.FAIL, 0, 9, 0, 1, "2030-01-31T13:00:00Z").decision())
        .isEqualTo(FAIL);
  }

  @Test
  void aDuration_countsFromTheFirstCall() {
    Duration day = Duration.ofDays(1);
    TallyVerdict.Result first =
        tally.perform(new TallyVerdict.Input(Verdict.PASS, 0, 0, 0, 1, "", day), null);
    assertThat(first.decision()).isEqualTo(CONTINUE);
    assertThat(first.until()).isEqualTo("2030-02-01T12:00:00Z");

    TallyVerdict.Result second =
        tally.perform(
            new TallyVerdict.Input(Verdict.PASS, 0, 1, 0, 1, "2030-01-31T12:00:00Z", day), null);
    assertThat(second.decision()).isEqualTo(PASS);
    assertThat(second.until()).isEqualTo("2030-01-31T12:00:00Z");
  }

  @Test
  void anUnreadableInstant_isRefused() {
    assertThatThrownBy(() -> perform(Verdict.PASS, 0, 0, 0, 1, "tomorrow"))
        .isInstanceOf(InvalidStepInput.class)
        .hasMessageContaining("'tomorrow'");
  }

  private TallyVerdict.Result perform(
      Verdict verdict, int failures, int passes, int allowed, int required, String until) {
    return tally.perform(
        new TallyVerdict.Input(verdict, failures, passes, allowed, required, until, null), null);
  }
}
