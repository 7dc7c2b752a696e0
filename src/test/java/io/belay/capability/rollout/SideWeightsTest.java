package io.belay.capability.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.faults.Babbler;
import io.belay.step.BusinessStop;
import io.belay.target.Environment;
import io.belay.target.RouterTarget;
import io.belay.target.Secret;
import io.belay.target.Weight;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SideWeightsTest {

  private static SideWeights of(String percent, int baselines, int candidates) {
    return SideWeights.of(Weight.valueOf(percent), baselines, candidates);
  }

  @Test
  void unequalGroups_stillSplitAsWanted() {
    assertThat(of("50", 2, 1)).isEqualTo(new SideWeights(50, 100));
    assertThat(of("10", 1, 3)).satisfies(w -> assertThat(w.baseline()).isEqualTo(256));
    assertThat(of("0", 3, 1)).isEqualTo(new SideWeights(100, 0));
    assertThat(of("100", 3, 1)).isEqualTo(new SideWeights(0, 100));
  }

  @Test
  void aShareThatCannotBeExpressed_isRefused() {
    assertThatThrownBy(() -> of("1", 1, 7)).hasMessageContaining("nothing was changed");
    assertThatThrownBy(() -> of("0.05", 1, 1))
        .isInstanceOf(BusinessStop.class)
        .as("0.39 is the smallest share of two servers")
        .hasMessageContaining("0.05 %")
        .hasMessageContaining("nearest: 0.39 %");
  }

  @Test
  void theDryRun_refusesItToo() throws Exception {
    String table =
        """
        1
        # be_id be_name srv_id srv_name srv_uweight srv_admin_state srv_op_state
        3 main 1 v1 100 0 2
        3 main 2 v2 0 0 2
        """;
    try (Babbler haproxy = Babbler.saying(table)) {
      Environment environment =
          new Environment(
              "test",
              "for tests",
              Map.of(
                  "router",
                  new RouterTarget(
                      RouterTarget.Kind.HAPROXY,
                      URI.create("http://localhost:1"),
                      URI.create("tcp://localhost:" + haproxy.port()),
                      Secret.none(),
                      "main",
                      "v1",
                      "v2",
                      Duration.ofSeconds(5))));
      ShiftTraffic shift = new ShiftTraffic(new Routers(), new ReceiverCheck(null));
      assertThatThrownBy(() -> shift.plan(input("0.05"), environment))
          .isInstanceOf(BusinessStop.class)
          .hasMessageContaining("nearest: 0.39 %");
      assertThat(shift.plan(input("0.5"), environment).summary()).contains("Route 0.5 %");
    }
  }

  private static ShiftTraffic.Input input(String weight) {
    return new ShiftTraffic.Input("router", Weight.valueOf(weight), Duration.ofSeconds(1));
  }

  @Test
  void theShareOfAWholePercent_thatCannotBeMet_isReadBackAsItIs() {
    SideWeights nearest = of("1", 1, 3);
    assertThat(nearest).isEqualTo(new SideWeights(256, 1));
    assertThat(SideWeights.share(3, 259, 1, 3)).isEqualTo(Weight.valueOf("1.16"));
  }

  @Test
  void aShareWithDecimals_isMetExactly() {
    assertThat(of("0.5", 1, 1)).isEqualTo(new SideWeights(199, 1));
    assertThat(of("12.5", 1, 1)).isEqualTo(new SideWeights(7, 1));
    assertThat(of("99.5", 1, 1)).isEqualTo(new SideWeights(1, 199));
    assertThat(of("0.25", 2, 1)).satisfies(w -> assertThat(w.candidate()).isEqualTo(1));
  }

  /** The sums of the weights of one server each. */
  @ParameterizedTest
  @CsvSource({
    "0, 100, 0",
    "1, 257, 0.39",
    "1, 200, 0.5",
    "10, 100, 10",
    "100, 100, 100",
    "256, 257, 99.61"
  })
  void theShareThatServersHave_isNeverRoundedToNoneOrAll(int candidate, int all, String percent) {
    assertThat(SideWeights.share(candidate, all, 1, 1)).isEqualTo(Weight.valueOf(percent));
  }

  @Test
  void everyWholePercent_isReadBackAsItself() {
    for (int percent = 0; percent <= 100; percent++) {
      for (int candidates = 1; candidates <= 2; candidates++) {
        SideWeights weights = SideWeights.of(Weight.of(percent), 2, candidates);
        int ours = weights.candidate() * candidates;
        assertThat(SideWeights.share(ours, ours + 2 * weights.baseline(), 2, candidates))
            .isEqualTo(Weight.of(percent));
      }
    }
  }
}
