package io.belay.capability.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.target.Environment;
import io.belay.target.RouterTarget;
import io.belay.target.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which side is measured is checked before a run starts. */
class MeasuredSidesTest {

  static Environment environment(String old, String other) {
    URI anywhere = URI.create("http://localhost");
    RouterTarget router =
        new RouterTarget(
            RouterTarget.Kind.GATEWAY,
            anywhere,
            anywhere,
            Secret.none(),
            "main",
            old,
            other,
            Duration.ofSeconds(1));
    return new Environment("here", "", Map.of("router", router));
  }

  private static List<String> check(String candidate, String baseline, Environment environment) {
    Duration window = Duration.ofSeconds(1);
    MeasureHealth.Input input =
        new MeasureHealth.Input(
            candidate, baseline, "router", 0, window, null, 5, 2, 1, window, List.of());
    return new MeasureHealth(null, null).check(input, environment);
  }

  @Test
  void sidesAsTheRouterHasThem_areAccepted() {
    assertThat(check("v2", "v1", environment("v1", "v2"))).isEmpty();
    assertThat(check("v2", "none", environment("v1", "v2"))).isEmpty();
    assertThat(check("new-shop", "old-shop", environment("v1", "v2"))).isEmpty();
  }

  @Test
  void oldVersionInPlaceOfTheNewOne_isRefused() {
    assertThat(check("v1", "v2", environment("v1", "v2")))
        .containsExactly(
            "the health of 'v1' is asked beside 'v2', but to 'router' the new version is 'v2' and the old one 'v1'");
    assertThat(check("v1", "none", environment("v1", "v2"))).hasSize(1);
    assertThat(check("other", "v2", environment("v1", "v2"))).hasSize(1);
  }

  @Test
  void oneVersionBesideItself_isRefused() {
    assertThat(check("v2", "v2", environment("v2", "v2")))
        .containsExactly("'v2' is to be compared with itself");
  }
}
