package io.belay.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpServer;
import io.belay.faults.Babbler;
import io.belay.faults.BlackHole;
import io.belay.step.FakeStepContext;
import io.belay.target.MongoTarget;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import io.belay.target.WebhookTarget;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class NotifyPeopleTest {

  private static final String PATH = "/services/T000/secret-path";
  private static final NotifyPeople.Input INPUT =
      new NotifyPeople.Input("notifications", "v2 \"takes\" 10 %\n<http://run|run>");

  private final List<String> received = new CopyOnWriteArrayList<>();
  private final List<String> keys = new CopyOnWriteArrayList<>();
  private final CountDownLatch answer = new CountDownLatch(1);
  private final NotifyPeople notifyPeople = new NotifyPeople(new Webhook());
  private volatile int status = 200;
  private volatile boolean slow;
  private HttpServer receiver;
  private FakeStepContext context;

  @BeforeEach
  void start() throws Exception {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.setExecutor(Executors.newCachedThreadPool());
    receiver.createContext(
        PATH,
        exchange -> {
          received.add(
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Content-Type")
                  + " "
                  + new String(exchange.getRequestBody().readAllBytes(), "UTF-8"));
          keys.add(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
          if (slow) {
            awaitAnswer();
          }
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    receiver.start();
    context = context("http://localhost:%d%s".formatted(receiver.getAddress().getPort(), PATH));
  }

  private void awaitAnswer() {
    try {
      answer.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static FakeStepContext context(String url) {
    return new FakeStepContext(
        Map.of("notifications", new WebhookTarget(Secret.of(url), Duration.ofMillis(500))));
  }

  @AfterEach
  void stop() {
    answer.countDown();
    receiver.stop(0);
  }

  @Test
  void message_isPostedInSlacksFormat() throws Exception {
    assertThat(context.run(notifyPeople, INPUT).delivered()).isTrue();

    assertThat(received).singleElement().asString().startsWith("POST application/json {");
    String json = received.get(0).substring("POST application/json ".length());
    assertThat(new ObjectMapper().readTree(json))
        .isEqualTo(JsonNodeFactory.instance.objectNode().put("text", INPUT.message()));
  }

  @Test
  void deliveredMessage_isNotPostedAgain() throws Exception {
    context.runKilled(notifyPeople, INPUT);

    assertThat(context.retry(notifyPeople, INPUT).delivered()).isTrue();
    assertThat(received).hasSize(1);
  }

  @Test
  void refusedMessage_isTechnical_andPostedByTheNextAttempt() throws Exception {
    status = 503;
    assertThatThrownBy(() -> context.run(notifyPeople, INPUT))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("503");
    status = 200;

    assertThat(context.retry(notifyPeople, INPUT).delivered()).isTrue();
    assertThat(received).hasSize(2);
    // By which a receiver can tell that it got the first one after all.
    assertThat(keys.get(1)).matches("\".+\"").isEqualTo(keys.get(0));
    context.run(notifyPeople, INPUT);
    assertThat(keys.get(2)).isNotEqualTo(keys.get(0));
  }

  @Test
  void environmentWithoutTheTarget_tellsNobody_saysSo_andIsNoError() throws Exception {
    FakeStepContext silent = new FakeStepContext(Map.of());

    assertThat(silent.run(notifyPeople, INPUT).delivered()).isFalse();
    assertThat(silent.logs())
        .singleElement()
        .asString()
        .contains("'notifications'", "nobody could be told", INPUT.message());
    assertThat(notifyPeople.plan(INPUT, silent.environment()).summary()).contains("tells nobody");
  }

  @Test
  void targetOfAnotherType_isAnError() {
    FakeStepContext wrong =
        new FakeStepContext(
            Map.of(
                "notifications",
                new MongoTarget("localhost", 1, "", Secret.none(), 4, Duration.ofSeconds(1))));

    assertThatThrownBy(() -> wrong.run(notifyPeople, INPUT))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("MongoTarget");
    assertThatThrownBy(() -> notifyPeople.plan(INPUT, wrong.environment()))
        .isInstanceOf(TargetException.class);
  }

  @Test
  void redirect_isNoDelivery() {
    status = 302;

    assertThatThrownBy(() -> context.run(notifyPeople, INPUT)).hasMessageContaining("302");
  }

  @Test
  void silentReceiver_isGivenUp() {
    slow = true;

    assertThatThrownBy(() -> context.run(notifyPeople, INPUT))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("could not be reached")
        .hasMessageNotContaining("secret-path");
  }

  @Test
  void receiverThatMisbehaves_isGivenUp_andTheMessageCountsAsNotDelivered() throws Exception {
    try (BlackHole silent = BlackHole.silent();
        BlackHole unreachable = BlackHole.unreachable();
        Babbler nonsense = Babbler.saying("SSH-2.0-OpenSSH_9.2\r\n");
        Babbler endlessHeaders =
            Babbler.endlesslySaying("HTTP/1.1 200 OK\r\n", "X-More: more\r\n");
        Babbler endlessBody = Babbler.endlesslySaying("HTTP/1.1 200 OK\r\n\r\n", "more")) {
      for (int port :
          List.of(
              silent.port(),
              unreachable.port(),
              nonsense.port(),
              endlessHeaders.port(),
              endlessBody.port())) {
        assertThatThrownBy(
                () -> context("http://localhost:" + port + PATH).run(notifyPeople, INPUT))
            .isInstanceOf(TargetException.class)
            .hasMessageContaining("could not be reached")
            .hasMessageContaining("The message counts as not delivered")
            .hasMessageNotContaining("secret-path");
      }
    }
  }

  @Test
  void noError_showsTheAddress() {
    for (String url : List.of("http://localhost:1" + PATH, "no url" + PATH, "ftp://x" + PATH)) {
      assertThatThrownBy(() -> context(url).run(notifyPeople, INPUT))
          .isInstanceOf(TargetException.class)
          .hasMessageNotContaining("secret-path")
          .hasNoCause();
    }
  }
}
