package io.belay.capability.check;

import static io.belay.capability.check.TallyVerdict.Decision.CONTINUE;
import static io.belay.capability.check.TallyVerdict.Decision.FAIL;
import static io.belay.capability.check.TallyVerdict.Decision.PASS;
import static org.assertj.core.api.Assertions.assertThat;

import io.belay.TickingClock;
import io.belay.step.FakeStepContext;
import io.belay.step.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TallyVerdictTest {

  private final FakeStepContext gate = new FakeStepContext(Map.of());

  @Test
  void onePassIsEnough_byDefault() throws Exception {
    assertThat(tally(Verdict.PASS, 0, 1).decision()).isEqualTo(PASS);
  }

  @ParameterizedTest
  @EnumSource(names = {"FAIL", "INCONCLUSIVE", "NO_DATA"})
  void whateverIsNoPass_isAFailure(Verdict verdict) throws Exception {
    assertThat(tally(Verdict.PASS, 0, 9).passes()).isOne();

    TallyVerdict.Result result = tally(verdict, 0, 9);

    assertThat(result.decision()).isEqualTo(FAIL);
    assertThat(result.failures()).isEqualTo(1);
    assertThat(result.passes()).isZero();
    assertThat(result.reason()).contains(verdict.name());
  }

  @Test
  void allowedFailures_areInARow() throws Exception {
    assertThat(tally(Verdict.FAIL, 2, 3).decision()).isEqualTo(CONTINUE);
    assertThat(tally(Verdict.NO_DATA, 2, 3).decision()).isEqualTo(CONTINUE);
    assertThat(tally(Verdict.PASS, 2, 3).failures()).isZero();
    assertThat(tally(Verdict.FAIL, 2, 3).decision()).isEqualTo(CONTINUE);
    assertThat(tally(Verdict.FAIL, 2, 3).decision()).isEqualTo(CONTINUE);
    assertThat(tally(Verdict.FAIL, 2, 3).decision()).isEqualTo(FAIL);
  }

  @Test
  void requiredPasses_areInARow() throws Exception {
    assertThat(tally(Verdict.PASS, 0, 3).decision()).isEqualTo(CONTINUE);
    assertThat(tally(Verdict.PASS, 0, 3).decision()).isEqualTo(CONTINUE);
    assertThat(tally(Verdict.PASS, 0, 3).decision()).isEqualTo(PASS);
  }

  @Test
  void gateThatHasDecided_beginsAnew() throws Exception {
    tally(Verdict.FAIL, 1, 1);
    assertThat(tally(Verdict.FAIL, 1, 1).decision()).isEqualTo(FAIL);

    assertThat(tally(Verdict.FAIL, 1, 1).failures()).isOne();
  }

  @Test
  void repeatedAttempt_countsItsVerdictOnce() throws Exception {
    TallyVerdict.Input failed = new TallyVerdict.Input(Verdict.FAIL, 2, 1, null);
    TallyVerdict tally = new TallyVerdict();
    gate.runKilled(tally, failed);

    assertThat(gate.retry(tally, failed).failures()).isOne();
  }

  @Test
  void aDuration_countsFromTheFirstVerdict() throws Exception {
    TickingClock clock = new TickingClock();
    TallyVerdict tally = new TallyVerdict(clock);
    TallyVerdict.Input passed = new TallyVerdict.Input(Verdict.PASS, 0, 1, Duration.ofDays(1));

    TallyVerdict.Result first = gate.run(tally, passed);
    assertThat(first.decision()).isEqualTo(CONTINUE);
    assertThat(first.until()).isEqualTo("2026-01-02T00:00:00Z");

    clock.advance(Duration.ofDays(1).minusSeconds(1));
    assertThat(gate.run(tally, passed).decision()).isEqualTo(CONTINUE);

    clock.advance(Duration.ofSeconds(1));
    assertThat(gate.run(tally, passed).decision()).isEqualTo(PASS);
  }

  @Test
  void afterAMeasurementWithoutVerdict_passesAndTimeBeginAnew_failuresGoOn() throws Exception {
    TickingClock clock = new TickingClock();
    TallyVerdict tally = new TallyVerdict(clock);
    TallyVerdict.Input passed = new TallyVerdict.Input(Verdict.PASS, 1, 1, Duration.ofDays(1));
    measured();
    gate.run(tally, passed);

    clock.advance(Duration.ofHours(20));
    measured(); // finds the old version down: a person decides, which takes its time
    clock.advance(Duration.ofHours(20));
    measured();
    TallyVerdict.Result again = gate.run(tally, passed);
    assertThat(again.decision()).isEqualTo(CONTINUE);
    assertThat(again.passes()).isOne();
    assertThat(again.until()).isEqualTo("2026-01-03T16:00:00Z");

    clock.advance(Duration.ofHours(23));
    measured();
    TallyVerdict.Input failed = new TallyVerdict.Input(Verdict.FAIL, 1, 1, Duration.ofDays(1));
    assertThat(gate.run(tally, failed).until()).as("runs on").isEqualTo(again.until());
    measured();
    measured();
    assertThat(gate.run(tally, failed).decision()).isEqualTo(FAIL);
  }

  private void measured() {
    gate.began(
        new MeasureHealth(null, null),
        new MeasureHealth.Input(
            "v2",
            "v1",
            null,
            0,
            Duration.ofMinutes(1),
            null,
            5,
            2,
            1,
            Duration.ofSeconds(1),
            List.of()));
  }

  @Test
  void aFailure_endsADurationAtOnce() throws Exception {
    TallyVerdict.Input failed = new TallyVerdict.Input(Verdict.FAIL, 0, 1, Duration.ofDays(1));
    assertThat(gate.run(new TallyVerdict(), failed).decision()).isEqualTo(FAIL);
  }

  @Test
  void noDuration_isNoWait() throws Exception {
    assertThat(
            gate.run(new TallyVerdict(), new TallyVerdict.Input(Verdict.PASS, 0, 1, Duration.ZERO))
                .until())
        .isNull();
  }

  private TallyVerdict.Result tally(Verdict verdict, int allowed, int required) throws Exception {
    return gate.run(new TallyVerdict(), new TallyVerdict.Input(verdict, allowed, required, null));
  }
}
