package io.belay.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RolloutTest {

  private static final int USERS = 100_000;
  private final LongAdder withoutKey = new LongAdder();

  private static Rollout rollout(int hundredths, Bucketing algorithm) {
    return new Rollout(
        hundredths, algorithm, "new-checkout", Set.of("user-1"), Set.of("user-2", "user-3"));
  }

  /** 100,000 users at 101 weights. */
  @ParameterizedTest
  @EnumSource(Bucketing.class)
  void raising_takesNobodyOut_andWhoIsInIsExact(Bucketing algorithm) {
    BitSet before = new BitSet();
    for (int percent = 0; percent <= 100; percent++) {
      Rollout rollout = rollout(percent * 100, algorithm);
      BitSet in = new BitSet();
      for (int user = 0; user < USERS; user++) {
        boolean included = rollout.includes("user-" + user, withoutKey);
        in.set(user, included);
        if (user == 0 || user > 3) {
          boolean below = algorithm.bucket("new-checkout", "user-" + user) < percent * 100;
          assertThat(included).isEqualTo(below);
        }
      }
      assertThat(in.get(1)).isTrue();
      assertThat(in.get(2) || in.get(3)).isFalse();
      before.andNot(in);
      assertThat(before).as("taken out at %d", percent).isEqualTo(new BitSet());
      before = in;
    }
    assertThat(before.cardinality()).isEqualTo(USERS - 2);
    assertThat(withoutKey.sum()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Bucketing.class)
  void whoHasNoKey_getsTheOldVersion_andIsCounted(Bucketing algorithm) {
    Rollout all = rollout(10_000, algorithm);
    assertThat(all.includes(null, withoutKey)).isFalse();
    assertThat(all.includes("", withoutKey)).isFalse();
    assertThat(all.includes("user-9", withoutKey)).isTrue();
    assertThat(withoutKey.sum()).isEqualTo(2);
  }

  @Test
  void offWins() {
    Rollout both =
        new Rollout(10_000, Bucketing.BELAY_1, "new-checkout", Set.of("eve"), Set.of("eve"));
    assertThat(both.includes("eve", withoutKey)).isFalse();
  }

  @Test
  void text_isReadAsItWasWritten() {
    String text = "percent=0.05 algorithm=flagd-2 seed=new-checkout on=ann,bob off=eve";
    assertThat(Rollout.valueOf(text)).hasToString(text);
    assertThat(Rollout.valueOf("seed=s on=bob,ann algorithm=belay-1 percent=100.00"))
        .hasToString("percent=100 algorithm=belay-1 seed=s on=ann,bob");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "percent=101 algorithm=belay-1 seed=s | 'percent' must be from 0 to 100",
        "percent=0.001 algorithm=belay-1 seed=s | in steps of 0.01, but is '0.001'",
        "percent=1 algorithm=sha seed=s | must be one of the algorithms",
        "percent=1 algorithm=belay-1 | 'seed' is absent",
        "percent=1 algorithm=belay-1 seed= | 'seed' has ''",
        "percent=1 percent=2 algorithm=belay-1 seed=s | each once",
        "percent=1 algorithm=belay-1 seed=s on=ann, | 'on' has ''",
        "percent=1 algorithm=belay-1 seed=s of=ann | 'of=ann' must be",
        "true | 'true' must be"
      })
  void whatIsNoRollout_isRefused(String text, String rule) {
    assertThatThrownBy(() -> Rollout.valueOf(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(rule);
  }
}
