package io.belay.capability.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpServer;
import io.belay.capability.check.MongoTarget;
import io.belay.faults.Babbler;
import io.belay.faults.BlackHole;
import io.belay.step.FakeStepContext;
import io.belay.step.Outbox;
import io.belay.step.OutboxWorld;
import io.belay.target.AllTargetTypes;
import io.belay.target.Environments;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.core.env.StandardEnvironment;

@Timeout(20)
class NotifyPeopleTest {

  private static final String PATH = "/services/T000/secret-path";
  private static final NotifyPeople.Input INPUT =
      new NotifyPeople.Input("notifications", "v2 \"takes\" 10 %\n<http://run|run>");

  private final List<String> received = new CopyOnWriteArrayList<>();
  private final List<String> keys = new CopyOnWriteArrayList<>();
  private final List<String> signatures = new CopyOnWriteArrayList<>();
  private final CountDownLatch answer = new CountDownLatch(1);
  @TempDir Path directory;
  private OutboxWorld kept;
  private Deliveries deliveries;
  private NotifyPeople notifyPeople;
  private volatile int status = 200;
  private volatile boolean slow;
  private volatile String retryAfter;
  private HttpServer receiver;
  private FakeStepContext context;

  @BeforeEach
  void start() throws Exception {
    kept = new OutboxWorld();
    deliveries = belay(Duration.ofMillis(5));
    notifyPeople = new NotifyPeople(new Webhook(), deliveries);
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
          signatures.add(
              exchange.getRequestHeaders().getFirst("X-Belay-Timestamp")
                  + " "
                  + exchange.getRequestHeaders().getFirst("X-Belay-Signature"));
          keys.add(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
          if (slow) {
            awaitAnswer();
          }
          if (retryAfter != null) {
            exchange.getResponseHeaders().add("Retry-After", retryAfter);
          }
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    receiver.start();
    context = context("http://localhost:%d%s".formatted(receiver.getAddress().getPort(), PATH));
  }

  /** What delivers in a Belay that starts on the same database. */
  private Deliveries belay(Duration firstPause) {
    return new Deliveries(
        provider(kept.outbox()),
        new Environments(directory, new StandardEnvironment(), AllTargetTypes.types()),
        new Webhook(),
        firstPause);
  }

  private static ObjectProvider<Outbox> provider(Outbox outbox) {
    DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
    if (outbox != null) {
      beans.registerSingleton("outbox", outbox);
    }
    return beans.getBeanProvider(Outbox.class);
  }

  private FakeStepContext beside(String url) throws Exception {
    return beside(url, "500ms");
  }

  private FakeStepContext beside(String url, String timeout) throws Exception {
    Files.writeString(
        directory.resolve("test.yml"),
        "targets:\n  notifications:\n    type: webhook\n    url: %s\n    timeout: %s\n"
            .formatted(url, timeout));
    return context(url, false);
  }

  private String url() {
    return "http://localhost:%d%s".formatted(receiver.getAddress().getPort(), PATH);
  }

  private void awaitAnswer() {
    try {
      answer.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static FakeStepContext context(String url) {
    return context(url, true);
  }

  private static FakeStepContext context(String url, boolean required) {
    return new FakeStepContext(
        Map.of(
            "notifications",
            new WebhookTarget(
                Secret.of(url), Duration.ofMillis(500), Secret.of("signing key"), required)));
  }

  @AfterEach
  void stop() throws Exception {
    answer.countDown();
    deliveries.stop();
    receiver.stop(0);
  }

  @Test
  void message_isPostedInSlacksFormat() throws Exception {
    assertThat(context.run(notifyPeople, INPUT).delivered()).isTrue();

    assertThat(received).singleElement().asString().startsWith("POST application/json {");
    String json = received.get(0).substring("POST application/json ".length());
    assertThat(new ObjectMapper().readTree(json))
        .isEqualTo(
            JsonNodeFactory.instance
                .objectNode()
                .put("text", "v2 \"takes\" 10 %\n&lt;http://run|run&gt;"));
  }

  @Test
  void message_isSigned_withItsTime() throws Exception {
    context.run(notifyPeople, INPUT);
    String body = received.get(0).substring("POST application/json ".length());
    String[] parts = signatures.get(0).split(" v1=");
    assertThat(Long.parseLong(parts[0])).isCloseTo(Instant.now().getEpochSecond(), within(60L));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec("signing key".getBytes("UTF-8"), "HmacSHA256"));
    assertThat(parts[1])
        .isEqualTo(
            HexFormat.of().formatHex(mac.doFinal((parts[0] + "." + body).getBytes("UTF-8"))));
  }

  @Test
  void receiverThatIsDownRefusesOrRedirects_holdsUpNoRun_andGetsTheMessageLater() throws Exception {
    FakeStepContext beside = beside(url());
    for (int refusal : new int[] {500, 302, 429}) {
      status = refusal;
      received.clear();
      assertThat(beside.run(notifyPeople, INPUT).delivered()).isFalse();
      assertThat(kept.logs("run-1"))
          .anyMatch(
              line -> line.contains("tried again beside the run") && line.contains("" + refusal));
      status = 200;
      Awaitility.await().until(() -> kept.kept() == 0);
      assertThat(kept.logs("run-1")).last().asString().contains("was delivered by attempt");
      assertThat(Set.copyOf(keys.subList(keys.size() - received.size(), keys.size()))).hasSize(1);
    }
    slow = true;
    assertThat(beside.run(notifyPeople, INPUT).delivered()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1800", "Tue, 1 Jan 2999 00:00:00 GMT", "999999999"})
  void receiverThatAsksForAPause_getsIt_butForAnHourAtMost(String pause) throws Exception {
    retryAfter = pause;
    status = 429;
    LocalDateTime before = LocalDateTime.now(ZoneOffset.UTC);
    beside(url()).run(notifyPeople, INPUT);

    assertThat(kept.due())
        .isAfterOrEqualTo(before.plusMinutes(pause.equals("1800") ? 30 : 60).minusSeconds(1))
        .isBeforeOrEqualTo(LocalDateTime.now(ZoneOffset.UTC).plusHours(1));
    assertThat(received).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"soon", "-5", "0", "Fri, 1 Jan 1999 00:00:00 GMT", "99999999999999999999"})
  void pauseThatCannotBeRead_orIsOver_isNone(String pause) throws Exception {
    retryAfter = pause;
    status = 503;
    beside(url()).run(notifyPeople, INPUT);
    status = 200;
    Awaitility.await().until(() -> kept.kept() == 0);
  }

  @Test
  void slowReceiver_holdsUpNoOther() throws Exception {
    AtomicInteger quick = new AtomicInteger();
    receiver.createContext(
        "/quick",
        exchange -> {
          exchange.sendResponseHeaders(quick.incrementAndGet() < 3 ? 503 : 200, -1);
          exchange.close();
        });
    slow = true;
    String other = url().replace(PATH, "/quick");
    beside(url(), "30s");
    Files.writeString(
        directory.resolve("test.yml"),
        "  other:\n    type: webhook\n    url: %s\n".formatted(other),
        StandardOpenOption.APPEND);
    Duration patience = Duration.ofSeconds(5);
    FakeStepContext both =
        new FakeStepContext(
            Map.of(
                "notifications",
                new WebhookTarget(Secret.of(url()), patience, Secret.none(), false),
                "other",
                new WebhookTarget(Secret.of(other), patience, Secret.none(), false)));
    for (int message = 0; message < 3; message++) {
      both.run(notifyPeople, INPUT);
    }
    both.run(notifyPeople, new NotifyPeople.Input("other", "quick"));
    Awaitility.await().until(() -> quick.get() == 3);
    assertThat(received).as("one at a time").hasSize(1);
    answer.countDown();
    Awaitility.await().until(() -> kept.kept() == 0);
    assertThat(received).hasSize(3);
  }

  @Test
  void messageThatWaitsWhenBelayStops_isDeliveredAfterItsNextStart_once() throws Exception {
    status = 503;
    FakeStepContext beside = beside(url());
    assertThat(beside.run(notifyPeople, INPUT).delivered()).isFalse();
    deliveries.stop();
    status = 200;
    int before = received.size();
    assertThat(kept.kept()).isEqualTo(1);

    Deliveries next = belay(Duration.ofMillis(5));
    Awaitility.await().until(() -> kept.kept() == 0);
    assertThat(received.subList(before, received.size()))
        .singleElement()
        .asString()
        .contains("takes");
    assertThat(Set.copyOf(keys)).hasSize(1);
    assertThat(kept.logs("run-1")).last().asString().contains("was delivered by attempt");
    assertThat(beside.retry(new NotifyPeople(new Webhook(), next), INPUT).delivered()).isFalse();
    assertThat(kept.kept()).as("the step wrote its message before").isZero();
    next.stop();
  }

  @Test
  void messageThatIsTakenLate_byTheFirstAttempt_hasItsLineInTheLog() throws Exception {
    slow = true;
    FakeStepContext beside = beside(url(), "10s");
    assertThat(beside.run(notifyPeople, INPUT).delivered()).isFalse();
    answer.countDown();
    Awaitility.await().until(() -> kept.kept() == 0);
    assertThat(kept.logs("run-1")).containsExactly("The message was delivered by attempt 1");
  }

  @Test
  void messageThatIsUnderWayWhenBelayStops_isAwaited_andNotSentAgain() throws Exception {
    slow = true;
    beside(url(), "10s").run(notifyPeople, INPUT);
    CompletableFuture<Void> stopped =
        CompletableFuture.runAsync(
            () -> {
              try {
                deliveries.stop();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    TimeUnit.MILLISECONDS.sleep(200);
    answer.countDown();
    stopped.get();
    assertThat(kept.kept()).isZero();
    assertThat(received).hasSize(1);
  }

  @Test
  void messageIsNotSentToAnotherAddressThanTheRunKnew() throws Exception {
    status = 503;
    beside(url()).run(notifyPeople, INPUT);
    deliveries.stop();
    int before = received.size();
    beside(url() + "/other");
    Deliveries next = belay(Duration.ofMillis(5));
    for (int look = 0; look < 5; look++) {
      kept.hurry();
      TimeUnit.MILLISECONDS.sleep(60);
    }
    assertThat(received).hasSize(before);
    assertThat(kept.kept()).isEqualTo(1);
    next.stop();
  }

  @Test
  void agentThatCannotKeepAMessage_triesOnce_andHoldsUpNoRun() throws Exception {
    status = 503;
    Deliveries none =
        new Deliveries(
            provider(null),
            new Environments(directory, new StandardEnvironment(), AllTargetTypes.types()),
            new Webhook());
    FakeStepContext agent = context(url(), false);
    assertThat(agent.run(new NotifyPeople(new Webhook(), none), INPUT).delivered()).isFalse();
    assertThat(received).hasSize(1);
    assertThat(agent.logs()).singleElement().asString().contains("was not delivered", "503");
    none.stop();
  }

  @Test
  void messageThatIsNeverDelivered_isGivenUp_andSaysSo_withoutTheAddress() throws Exception {
    deliveries.stop();
    Deliveries impatient = belay(Duration.ofNanos(1_000_000));
    FakeStepContext nobody = beside("http://localhost:1" + PATH);
    assertThat(nobody.run(new NotifyPeople(new Webhook(), impatient), INPUT).delivered()).isFalse();
    Awaitility.await()
        .until(
            () -> {
              kept.hurry();
              return kept.kept() == 0;
            });
    assertThat(kept.logs("run-1")).last().asString().contains("not delivered, 20 attempts");
    assertThat(kept.logs("run-1")).noneMatch(line -> line.contains("secret-path"));
    impatient.stop();
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
