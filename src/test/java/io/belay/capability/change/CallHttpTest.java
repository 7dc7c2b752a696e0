package io.belay.capability.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.belay.step.Assignments;
import io.belay.step.BusinessStop;
import io.belay.step.Expectations;
import io.belay.step.FakeStepContext;
import io.belay.target.Environment;
import io.belay.target.HttpProbe;
import io.belay.target.HttpTarget;
import io.belay.target.HttpTarget.Request;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A change by requests to a real server, which keeps one flag. */
class CallHttpTest {

  private static final Secret TOKEN = Secret.of("Bearer t0k3n-of-a-test");

  private final CallHttp call = new CallHttp(new HttpProbe());
  private final RevertHttp revert = new RevertHttp(new HttpProbe());
  private final List<String> changes = new ArrayList<>();
  private HttpServer server;
  private FakeStepContext context;
  private String flag;
  private int failing;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    context = new FakeStepContext(Map.of("flags", target()));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String what = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    int status = 200;
    String answer = "";
    if (!TOKEN.reveal().equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      status = 401;
    } else if (failing > 0 && !what.startsWith("GET")) {
      failing--;
      status = 503;
    } else if (what.equals("GET /flags/a%20b")) {
      answer = flag == null ? "{\"flag\":null}" : "{\"flag\":{\"id\":7,\"value\":" + flag + "}}";
    } else if (what.equals("POST /flags/a%20b")) {
      changes.add(body);
      flag = body;
      status = 201;
    } else if (what.equals("DELETE /flags/a%20b/7")) {
      changes.add("deleted");
      flag = null;
      status = 204;
    } else {
      status = 404;
    }
    byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private HttpTarget target() {
    return new HttpTarget(
        URI.create("http://localhost:" + server.getAddress().getPort()),
        Map.of("Authorization", TOKEN),
        Duration.ofSeconds(5),
        new Request("GET", "/flags/{NAME}", null, "application/json", "status 2xx"),
        "json /flag/value present",
        "json /flag absent",
        new Request("POST", "/flags/{NAME}", "\"{VALUE}\"", "application/json", "status 201"),
        new Request("DELETE", "/flags/{NAME}/{FLAG_ID}", null, "application/json", "status 2xx"),
        Map.of("FLAG_ID", "/flag/id"),
        Map.of("NAME", ".*", "VALUE", ".*"),
        List.of());
  }

  private static CallHttp.Input input(String expect) {
    return new CallHttp.Input(
        "flags",
        Assignments.valueOf("NAME=a b\nVALUE=\"on\""),
        Expectations.valueOf(expect),
        Duration.ZERO,
        false);
  }

  private static RevertHttp.Input undo() {
    return new RevertHttp.Input("none", Duration.ZERO);
  }

  @Test
  void change_isMadeOnce_itsValuesAreCarriedOn_andItIsTakenBack() throws Exception {
    CallHttp.Result result = context.run(call, input("json /flag/value = \"on\""));
    assertThat(result.changed()).isTrue();
    assertThat(result.values().values()).isEqualTo(Map.of("FLAG_ID", "7"));
    context.retry(call, input(""));
    assertThat(changes).containsExactly("\"\\\"on\\\"\"");

    assertThat(context.run(revert, undo()).reverted()).isEqualTo(1);
    assertThat(context.run(revert, undo()).reverted()).isZero();
    assertThat(flag).isNull();
    assertThat(changes).hasSize(2);
  }

  @Test
  void killedAfterTheRequest_theNextAttemptFindsItDone_andTheUndoKnowsItsValues() throws Exception {
    context.runKilled(call, input(""));

    assertThat(context.run(revert, undo()).reverted()).isEqualTo(1);
    assertThat(flag).isNull();
  }

  @Test
  void killedBeforeTheRequest_theUndoSendsNothing() throws Exception {
    context.runKilledAfterSave(CheckedChange.BEGUN, call, input(""));

    assertThat(context.run(revert, undo()).reverted()).isZero();
    assertThat(changes).isEmpty();
  }

  @Test
  void flagThatWasSetBefore_stays() throws Exception {
    flag = "\"old\"";

    assertThat(context.run(call, input("")).changed()).isFalse();
    assertThat(context.run(revert, undo()).reverted()).isZero();
    assertThat(flag).isEqualTo("\"old\"");
  }

  @Test
  void unexpectedAnswer_isSaid_andTheNextAttemptGoesOn() throws Exception {
    failing = 1;
    assertThatThrownBy(() -> context.run(call, input("")))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("expected 'status 201', saw status 503");

    assertThat(context.retry(call, input("")).changed()).isTrue();
  }

  @Test
  void notAsExpected_stopsTheRun() {
    assertThatThrownBy(() -> context.run(call, input("json /flag/value = off")))
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("expected 'json /flag/value = off', saw");
  }

  @Test
  void serverThatRefuses_isNotTakenForAFlagThatIsNotSet() {
    context.environment(new Environment("t", "", Map.of("flags", withoutToken())));
    assertThatThrownBy(() -> context.run(call, input("")))
        .hasMessageContaining("is not known")
        .hasMessageContaining("401");
    assertThat(changes).isEmpty();
  }

  private HttpTarget withoutToken() {
    HttpTarget all = target();
    return new HttpTarget(
        all.url(),
        Map.of(),
        all.timeout(),
        all.check(),
        all.done(),
        all.notDone(),
        all.apply(),
        all.revert(),
        all.carry(),
        all.parameters(),
        List.of());
  }
}
