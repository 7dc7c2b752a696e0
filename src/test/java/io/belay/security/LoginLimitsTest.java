package io.belay.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.TickingClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoginLimitsTest {

  private static final String HOME = "192.0.2.1";
  private static final String EVIL = "198.51.100.66";

  private final TickingClock clock = new TickingClock();
  private final LoginLimits limits = new LoginLimits(clock);

  @Test
  void waitsOfOneAddress_growToAMinute_andEndWithTheRightPassword() {
    for (int seconds : List.of(3, 6, 12, 24, 48, 60, 60, 60)) {
      assertThat(wrong("olga", EVIL)).isTrue();
      assertThat(limits.waiting("olga", EVIL)).contains(Duration.ofSeconds(seconds));
      clock.advance(Duration.ofSeconds(seconds).minusMillis(1));
      assertThat(right("olga", EVIL)).as("too early").isFalse();
      clock.advance(Duration.ofMillis(1));
    }
    assertThat(right("olga", EVIL)).isTrue();
    wrong("olga", EVIL);
    assertThat(limits.waiting("olga", EVIL)).contains(Duration.ofSeconds(3));
  }

  @Test
  void tooEarlyPassword_isNotEvenLookedAt() {
    wrong("olga", EVIL);
    AtomicInteger looked = new AtomicInteger();
    assertThat(limits.isRight("olga", EVIL, () -> looked.incrementAndGet() > 0)).isFalse();
    assertThat(looked).hasValue(0);
  }

  @Test
  void burstFromOneAddress_isLookedAtOnce() {
    AtomicInteger looked = new AtomicInteger();
    IntStream.range(0, 50)
        .parallel()
        .forEach(i -> limits.isRight("olga", EVIL, () -> looked.incrementAndGet() < 0));
    assertThat(looked).hasValue(1);
  }

  @Test
  void accountThatIsGuessedAtFromEverywhere_isOpenToItsOwner() {
    for (int i = 0; i < 500; i++) {
      assertThat(wrong("olga", "203.0.%d.%d".formatted(i / 200, i % 200))).isTrue();
    }
    assertThat(right("olga", HOME)).isTrue();
    wrong("olga", HOME);
    assertThat(limits.waiting("olga", HOME)).contains(Duration.ofMinutes(1));
  }

  @Test
  void addressThatTriesManyAccounts_getsInOnlyWhereItGotInBefore() {
    right("olga", EVIL);
    for (int i = 0; i < LoginLimits.MOST_OF_AN_ADDRESS; i++) {
      assertThat(wrong("user" + i, EVIL)).isTrue();
    }
    assertThat(right("anna", EVIL)).isFalse();
    assertThat(right("olga", EVIL)).isTrue();
    assertThat(right("anna", HOME)).isTrue();
    clock.advance(LoginLimits.WINDOW);
    assertThat(right("anna", EVIL)).isTrue();
  }

  @Test
  void networkOfIpv6_isOneAddress() {
    wrong("olga", "2001:db8:1:2::1");
    assertThat(right("olga", "2001:db8:1:2:ffff::2")).isFalse();
    assertThat(right("olga", "2001:db8:1:2:0:0:0:1%eth0")).isFalse();
    assertThat(right("olga", "2001:db8:1:3::1")).isTrue();
  }

  @Test
  void unlocking_endsTheWaiting_ofThatAccountOnly() {
    wrong("olga", EVIL);
    wrong("olga2", EVIL);
    limits.forget("olga");
    assertThat(right("olga", EVIL)).isTrue();
    assertThat(right("olga2", EVIL)).isFalse();
  }

  /** Whether the wrong password was looked at. */
  private boolean wrong(String account, String address) {
    AtomicInteger looked = new AtomicInteger();
    limits.isRight(account, address, () -> looked.incrementAndGet() < 0);
    return looked.get() == 1;
  }

  private boolean right(String account, String address) {
    return limits.isRight(account, address, () -> true);
  }
}
