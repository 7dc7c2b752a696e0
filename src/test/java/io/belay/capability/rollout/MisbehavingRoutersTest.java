package io.belay.capability.rollout;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.faults.Babbler;
import io.belay.faults.BlackHole;
import io.belay.target.RouterTarget;
import io.belay.target.RouterTarget.Kind;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.net.URI;
import java.time.Duration;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A router that does not answer, or not as a router does, is given up in time, and what is said
 * names it, what was asked, and what is known of the traffic.
 */
@Timeout(60)
class MisbehavingRoutersTest {

  private static final String TABLE = "1\n# be_id be_name srv_id srv_name srv_uweight";

  private final Routers routers = new Routers();

  private static RouterTarget target(Kind kind, int port) {
    return new RouterTarget(
        kind,
        URI.create("http://localhost:1"),
        URI.create((kind == Kind.GATEWAY ? "http" : "tcp") + "://localhost:" + port),
        Secret.of("token-of-the-gateway"),
        "main",
        "v1",
        "v2",
        Duration.ofSeconds(1));
  }

  private AbstractThrowableAssert<?, ? extends Throwable> asked(Kind kind, int port) {
    return assertThatThrownBy(() -> routers.open(target(kind, port)).state())
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("localhost:" + port)
        .hasMessageNotContaining("token-of");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void routerThatNeverAnswers_isGivenUp(Kind kind) throws Exception {
    try (BlackHole silent = BlackHole.silent()) {
      asked(kind, silent.port())
          .hasMessageContaining("cannot be asked")
          .hasMessageContaining("no answer within");
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void routerThatNobodyReaches_isGivenUp(Kind kind) throws Exception {
    try (BlackHole unreachable = BlackHole.unreachable()) {
      asked(kind, unreachable.port())
          .hasMessageContaining("cannot be asked")
          .hasMessageContaining("no answer within");
    }
  }

  @Test
  void changeThatIsNotAnswered_saysThatItMayHaveHappened() throws Exception {
    String routes =
        "{\"routes\":[{\"path\":\"/\",\"baseline\":\"v1\",\"candidate\":\"v2\",\"weight\":0}]}";
    try (BlackHole silent = BlackHole.silent()) {
      GatewayClient client = new GatewayClient();
      RouterTarget target = target(Kind.GATEWAY, silent.port());
      assertThatThrownBy(
              () ->
                  client.put(
                      target,
                      "/routes",
                      new com.fasterxml.jackson.databind.ObjectMapper().readTree(routes),
                      "\"1\"",
                      7))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("PUT /routes")
          .hasMessageContaining("or as it was told just now");
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void routerThatNeverStopsTalking_isGivenUp(Kind kind) throws Exception {
    try (Babbler endless = Babbler.endlesslySaying("HTTP/1.1 200 OK\r\n\r\n[", "[1,\n")) {
      asked(kind, endless.port());
    }
    try (Babbler endless = Babbler.endlesslySaying("HTTP/1.1 200 OK\r\n", "X-More: more\r\n")) {
      asked(kind, endless.port()).hasMessageContaining("cannot be asked");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"<html>Welcome</html>", "[1,2", "{\"routes\":", "\u0000"})
  void gatewayThatSpeaksNoJson_isNamed(String body) throws Exception {
    try (Babbler other = Babbler.answering(200, "text/html", body)) {
      asked(Kind.GATEWAY, other.port())
          .hasMessageContaining("does not answer GET /routes as a gateway would")
          .hasMessageContaining("check the target's admin address");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "5", "{\"routes\":{\"a\":1}}"})
  void gatewayWithoutRoutes_isNamed(String body) throws Exception {
    try (Babbler other = Babbler.answering(200, "application/json", body)) {
      asked(Kind.GATEWAY, other.port()).hasMessageContaining("has no route /");
    }
  }

  @Test
  void gatewayWithOddStatistics_isNamed() throws Exception {
    String side = "{\"requests\":1,\"histogramMs\":{\"soon\":3}}";
    String body = "{\"routes\":{\"/\":{\"baseline\":%s,\"candidate\":%s}}}".formatted(side, side);
    try (Babbler odd = Babbler.answering(200, "application/json", body)) {
      assertThatThrownBy(() -> routers.read(target(Kind.GATEWAY, odd.port())))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("says 'soon' where a latency in ms is expected");
    }
  }

  @Test
  void gatewayThatCountsNoRoutes_isNamed() throws Exception {
    String side = "{\"requests\":1}";
    String body = "{\"sides\":{\"baseline\":%s,\"candidate\":%s}}".formatted(side, side);
    try (Babbler older = Babbler.answering(200, "application/json", body)) {
      assertThatThrownBy(() -> routers.read(target(Kind.GATEWAY, older.port())))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("no statistics of its route /");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 400 Bad request\r\n\r\n", "Unknown command. Try 'help'\n"})
  void haproxyThatIsNone_isNamed(String words) throws Exception {
    try (Babbler other = Babbler.saying(words)) {
      asked(Kind.HAPROXY, other.port())
          .hasMessageContaining("does not answer 'show servers state main' with a table");
    }
  }

  @Test
  void haproxyWithOddTable_isNamed() throws Exception {
    try (Babbler odd = Babbler.saying(TABLE + " srv_admin_state\n3 main 1 v1 heavy 0\n")) {
      asked(Kind.HAPROXY, odd.port())
          .hasMessageContaining("says 'heavy' where a number is expected (srv_uweight)");
    }
    try (Babbler odd = Babbler.saying(TABLE + "\n3 main 1 v1 100\n")) {
      asked(Kind.HAPROXY, odd.port()).hasMessageContaining("(srv_admin_state)");
    }
  }
}
