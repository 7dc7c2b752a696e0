package io.belay.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SplitterTest {

  private static final int USERS = 100_000;
  private final Splitter splitter = new Splitter(false);

  private static Route route(String path, int weight) {
    return route(path, Integer.toString(weight));
  }

  private static Route route(String path, String weight) {
    return new Route(path, "v1", "v2", new BigDecimal(weight), null);
  }

  /** A release that moves these moves users in the middle of a migration. */
  @ParameterizedTest
  @CsvSource({
    "/, user-1, 1498, 1763",
    "/api, user-1, 8379, 1763",
    "/, Åse, 3890, 718",
    "/api, Åse, 1229, 718",
    "/, 0, 6455, 1256"
  })
  void goldenVectors(String path, String key, int bucket, int sharedBucket) {
    assertThat(splitter.bucket(route(path, 10), key)).isEqualTo(bucket);
    assertThat(new Splitter(true).bucket(route(path, 10), key)).isEqualTo(sharedBucket);
  }

  @Test
  void whoIsFirstOnOneRoute_saysNothingOfAnother_unlessTheSplitIsShared() {
    Splitter shared = new Splitter(true);
    int both = 0;
    int alike = 0;
    int first = 0;
    for (int i = 0; i < USERS; i++) {
      boolean one = splitter.side(route("/a", 10), "user-" + i) == Side.CANDIDATE;
      boolean two = splitter.side(route("/b", 10), "user-" + i) == Side.CANDIDATE;
      first += one ? 1 : 0;
      both += one && two ? 1 : 0;
      alike +=
          shared.side(route("/a", 10), "user-" + i) == shared.side(route("/b", 10), "user-" + i)
              ? 1
              : 0;
    }
    assertThat(first).isBetween(9_700, 10_300);
    assertThat(both).isBetween(850, 1_150);
    assertThat(alike).isEqualTo(USERS);
  }

  @Test
  void aGrowingWeight_movesNobodyBack() {
    IntStream.range(0, 2_000)
        .forEach(
            user -> {
              boolean moved = false;
              for (int weight = 0; weight <= 100; weight++) {
                boolean candidate =
                    splitter.side(route("/", weight), "user-" + user) == Side.CANDIDATE;
                assertThat(candidate || !moved).isTrue();
                moved = candidate;
              }
              assertThat(moved).isTrue();
            });
  }

  /** Users of the bucket below the weight are in, that of the weight itself is out. */
  @ParameterizedTest
  @CsvSource({
    "user-1, 14.98, BASELINE",
    "user-1, 14.99, CANDIDATE",
    "Åse, 38.9, BASELINE",
    "Åse, 38.91, CANDIDATE",
    "0, 64.55, BASELINE",
    "0, 64.56, CANDIDATE",
    "user-3718, 0.01, CANDIDATE",
    "user-1482, 99.99, BASELINE"
  })
  void goldenVectorsOfTheSides(String key, String weight, Side side) {
    assertThat(splitter.side(route("/", weight), key)).isEqualTo(side);
  }

  @Test
  void aHundredthOfAPercent_isAShareOfItsOwn_andMovesNobodyBack() {
    int before = 0;
    for (int hundredths = 0; hundredths <= 20; hundredths++) {
      Route now = route("/", BigDecimal.valueOf(hundredths, 2).toPlainString());
      Route next = route("/", BigDecimal.valueOf(hundredths + 1, 2).toPlainString());
      int candidates = 0;
      for (int user = 0; user < USERS; user++) {
        boolean in = splitter.side(now, "user-" + user) == Side.CANDIDATE;
        candidates += in ? 1 : 0;
        assertThat(in && splitter.side(next, "user-" + user) == Side.BASELINE).isFalse();
      }
      assertThat(candidates).isGreaterThanOrEqualTo(before);
      assertThat(candidates).isBetween(10 * hundredths - 40, 10 * hundredths + 40);
      before = candidates;
    }
    assertThat(before).isPositive();
  }

  @Test
  void requestsWithoutAKey_keepToAHundredthOfAPercent() {
    Route route = route("/", "0.05");
    long candidates =
        IntStream.range(0, USERS)
            .filter(request -> splitter.side(route, null) == Side.CANDIDATE)
            .count();
    assertThat(candidates).isBetween(48L, 52L);
  }
}
