package io.belay.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.commons.codec.digest.MurmurHash3;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BucketingTest {

  private static final int USERS = 100_000;

  /** A release that moves these moves users in the middle of a migration. */
  @ParameterizedTest
  @CsvFileSource(resources = "/split/golden-buckets.csv", numLinesToSkip = 1)
  void goldenVectors(String algorithm, String seed, String key, int bucket) {
    assertThat(Bucketing.of(algorithm).bucket(seed == null ? "" : seed, key)).isEqualTo(bucket);
  }

  /** Keys that flagd's own tests were given because of their hashes. */
  @ParameterizedTest
  @CsvSource({
    "ejOoVL, 0",
    "bY9fO-, 1",
    "SI7p-, 2147483647",
    "6LvT0, 2147483648",
    "ceQdGm, 4294967295"
  })
  void hashesAtTheBorders_areThoseOfFlagd(String key, long hash) {
    assertThat(Integer.toUnsignedLong(Murmur3.hash(key.getBytes(StandardCharsets.UTF_8))))
        .isEqualTo(hash);
  }

  /** What flagd's own tests expect of four variants of a quarter each. */
  @ParameterizedTest
  @CsvSource({
    "fractional-flag, jack, 2",
    "fractional-flag, queen, 3",
    "fractional-flag, ten, 0",
    "fractional-flag, nine, 1",
    "fractional-flag, 3, 0",
    "shared-seed, seven, 2",
    "shared-seed, eight, 1",
    "shared-seed, nine, 0",
    "shared-seed, two, 3"
  })
  void quarters_areThoseOfFlagd(String seed, String key, int quarter) {
    assertThat(Bucketing.FLAGD_2.bucket(seed, key) / 2_500).isEqualTo(quarter);
  }

  @Test
  void hash_isThatOfTheLibrary() {
    Random random = new Random(1);
    for (int length = 0; length < 200; length++) {
      byte[] data = new byte[length];
      random.nextBytes(data);
      assertThat(Murmur3.hash(data)).isEqualTo(MurmurHash3.hash32x86(data, 0, length, 0));
    }
  }

  /**
   * At each whole percent. With 100,000 users a fair hash is off by more than 0.3 percent of them
   * at some weight for every third flag (Kolmogorov), by more than 0.6 for one of 700; a million
   * are closer.
   */
  @ParameterizedTest
  @EnumSource(Bucketing.class)
  void share_isMet_atEachWeight_asByAFairHash(Bucketing algorithm) {
    int[] all = new int[Bucketing.BUCKETS];
    int wide = 0;
    for (int flag = 0; flag < 10; flag++) {
      int[] users = new int[Bucketing.BUCKETS];
      for (int user = 0; user < USERS; user++) {
        users[algorithm.bucket("flag-" + flag, "user-" + user)]++;
      }
      int off = mostOff(users, USERS);
      assertThat(off).as("flag-%d", flag).isLessThanOrEqualTo(600);
      wide += off > 300 ? 1 : 0;
      Arrays.setAll(all, bucket -> all[bucket] + users[bucket]);
    }
    assertThat(wide).isLessThanOrEqualTo(6);
    assertThat(mostOff(all, 10 * USERS)).isLessThanOrEqualTo(1_500);
  }

  /** The largest distance from the share, in users, at any whole percent. */
  private static int mostOff(int[] users, int all) {
    return IntStream.rangeClosed(0, 100)
        .map(
            percent -> Math.abs(Arrays.stream(users, 0, percent * 100).sum() - all / 100 * percent))
        .max()
        .orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(Bucketing.class)
  void whoIsFirstForOneFlag_saysNothingOfAnother(Bucketing algorithm) {
    int both = 0;
    for (int user = 0; user < USERS; user++) {
      boolean one = algorithm.bucket("flag-a", "user-" + user) < 1_000;
      boolean two = algorithm.bucket("flag-b", "user-" + user) < 1_000;
      both += one && two ? 1 : 0;
    }
    assertThat(both).isBetween(850, 1_150);
  }

  @Test
  void unknownAlgorithm_isRefused() {
    assertThatThrownBy(() -> Bucketing.of("belay-2"))
        .hasMessage("must be one of the algorithms belay-1 and flagd-2, but is 'belay-2'");
  }
}
