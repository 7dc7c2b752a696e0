package io.belay.capability.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.artifact.Artifact;
import io.belay.capability.contract.CompareContract.Depth;
import io.belay.playground.Scratch;
import io.belay.step.BusinessStop;
import io.belay.step.FakeStepContext;
import io.belay.step.Verdict;
import io.belay.target.Environment;
import io.belay.target.HttpProbe;
import io.belay.target.HttpTarget;
import io.belay.target.Secret;
import io.belay.target.Target;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract check against two real servers. */
class CompareContractTest {

  private static final String LIST =
      """
      requests:
        - GET /orders
        - GET /orders/0
        - {method: POST, path: /search, safe: true, body: {text: x}}
        - {method: POST, path: /orders, body: {}}
      """;

  private final CompareContract step = new CompareContract(new HttpProbe());
  private Path file;
  private AnsweringServer old;
  private AnsweringServer now;
  private Rules rules = Rules.ALL;
  private Duration timeout = Duration.ofSeconds(10);
  private FakeStepContext context;

  @BeforeEach
  void start() throws Exception {
    file = Scratch.directory("contract").resolve("requests.yml");
    Files.writeString(file, LIST);
    old = new AnsweringServer();
    now = new AnsweringServer();
    for (AnsweringServer server : List.of(old, now)) {
      server.answer("GET /orders", 200, "application/json", "[{\"id\":1,\"total\":2.50}]");
      server.answer("GET /orders/0", 404, "application/json", "{\"error\":\"not found\"}");
      server.answer("POST /search", 200, "application/json", "[]");
    }
  }

  @AfterEach
  void stop() {
    old.close();
    now.close();
  }

  private HttpTarget target(AnsweringServer server) {
    return target(server, Map.of("Authorization", Secret.of("Bearer top-secret-key")));
  }

  private HttpTarget target(AnsweringServer server, Map<String, Secret> headers) {
    return new HttpTarget(
        server.url(),
        headers,
        timeout,
        null,
        null,
        null,
        null,
        null,
        Map.of(),
        Map.of(),
        List.of());
  }

  private Map<String, Target> targets() {
    return new HashMap<>(
        Map.of("v1", target(old), "v2", target(now), "orders", rules.target(file)));
  }

  private CompareContract.Result run(String baseline) throws Exception {
    return run(baseline, Depth.VALUES);
  }

  private CompareContract.Result run(String baseline, Depth depth) throws Exception {
    context = new FakeStepContext(targets());
    return context.run(step, new CompareContract.Input("orders", baseline, "v2", depth));
  }

  private String artifact() throws Exception {
    List<Artifact> kept = context.artifacts().ofRun(context.runId());
    try (InputStream in = context.artifacts().open(kept.get(kept.size() - 1))) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private JsonNode results() throws Exception {
    return Body.JSON.readTree(artifact()).at("/report/results");
  }

  @Test
  void sameAnswers_pass_withTheirNumbers() throws Exception {
    now.answer("GET /orders", 200, "application/json", "[{\"total\":2.5,\"id\":1.0,\"new\":null}]");

    assertThat(run("v1"))
        .isEqualTo(
            new CompareContract.Result(
                Verdict.PASS,
                "all 3 compared answers of 'v2' are as those of 'v1', with 1 addition; not sent: 1 of the list's 4 requests",
                3,
                0,
                1,
                0,
                1));
    assertThat(results().findValuesAsText("outcome"))
        .containsExactly("ADDED", "AS_BEFORE", "AS_BEFORE", "NOT_SENT");
    assertThat(old.requests)
        .containsExactlyElementsOf(now.requests)
        .containsExactly("GET /orders", "GET /orders/0", "POST /search {\"text\":\"x\"}");
  }

  @Test
  void errorThatLooksDifferent_fails_withItsPath() throws Exception {
    now.answer("GET /orders/0", 404, "application/json", "{\"message\":\"not found\"}");

    CompareContract.Result result = run("v1");
    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason())
        .isEqualTo(
            "1 breaking difference in 1 of 3 compared answers of 'v2', first GET /orders/0: /error is missing");
    assertThat(results().at("/1/differences").toString())
        .isEqualTo(
            "[{\"kind\":\"MISSING\",\"path\":\"/error\",\"baseline\":\"\\\"not found\\\"\",\"candidate\":\"\",\"breaking\":true},"
                + "{\"kind\":\"EXTRA\",\"path\":\"/message\",\"baseline\":\"\",\"candidate\":\"\\\"not found\\\"\",\"breaking\":false}]");
    assertThat(context.logs()).contains("GET /orders/0: /error is missing");
  }

  @Test
  void structureOnly_leavesValuesAlone() throws Exception {
    now.answer("GET /orders", 200, "application/json", "[{\"id\":2,\"total\":3}]");

    assertThat(run("v1").breaking()).isEqualTo(2);
    assertThat(run("v1", Depth.STRUCTURE).verdict()).isEqualTo(Verdict.PASS);
  }

  @Test
  void recordedAnswers_standInForTheOldService() throws Exception {
    Files.writeString(
        file,
        """
        - {path: /orders, answer: {status: 200, headers: {content-type: application/json}, body: [{id: 1, total: 2.5}]}}
        - {path: /orders/0, answer: {status: 404, body: {error: not found}}}
        - GET /search
        """);

    CompareContract.Result result = run("none");
    assertThat(result.verdict()).isEqualTo(Verdict.PASS);
    assertThat(result.reason())
        .isEqualTo(
            "all 2 compared answers of 'v2' are as those of the recording, with 0 additions; not sent: 1 of the list's 3 requests");
    assertThat(old.requests).isEmpty();
    now.answer("GET /orders/0", 400, "application/json", "{\"error\":\"not found\"}");
    assertThat(run("none").reason()).endsWith("first GET /orders/0: status 400 instead of 404");
  }

  @Test
  void nothingThatIsSent_isNoData() throws Exception {
    Files.writeString(file, "- {method: DELETE, path: /orders/1}");

    CompareContract.Result result = run("v1");
    assertThat(result.verdict()).isEqualTo(Verdict.NO_DATA);
    assertThat(result.reason())
        .isEqualTo(
            "no request of 1 was compared, first DELETE /orders/1: DELETE is not declared safe");
    assertThat(old.requests).isEmpty();
    assertThat(now.requests).isEmpty();
  }

  @Test
  void serviceThatHangs_isNoData_withinTheTimeLimit() throws Exception {
    timeout = Duration.ofMillis(300);
    now.hang("GET /orders/0");

    long started = System.nanoTime();
    CompareContract.Result result = run("v1");
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(8));
    assertThat(result.verdict()).isEqualTo(Verdict.NO_DATA);
    assertThat(result.reason())
        .isEqualTo(
            "1 of the 3 requests that were sent could not be compared, first GET /orders/0: 'v2': no answer within 0.3 s; the other 2 answers of 'v2' are as before");
  }

  @Test
  void breakingDifference_fails_alsoBesideAnAnswerThatIsMissing() throws Exception {
    timeout = Duration.ofMillis(300);
    old.hang("GET /orders");
    now.answer("GET /orders/0", 500, "text/plain", "oops");

    CompareContract.Result result = run("v1");
    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason())
        .isEqualTo(
            "1 breaking difference in 1 of 2 compared answers of 'v2', first GET /orders/0: status 500 instead of 404; 1 could not be compared");
  }

  @Test
  void serviceThatIsNotThere_isNoData() throws Exception {
    now.close();

    CompareContract.Result result = run("v1");
    assertThat(result.verdict()).isEqualTo(Verdict.NO_DATA);
    assertThat(result.reason())
        .isEqualTo(
            "no request of 4 was compared, first GET /orders: 'v2': connection refused or unreachable");
  }

  @Test
  void twoServicesThatBothRefuseOrFail_showNothing() throws Exception {
    for (int status : List.of(401, 403, 429, 500, 503)) {
      for (AnsweringServer server : List.of(old, now)) {
        server.answer("GET /orders/0", status, "application/json", "{}");
      }
      CompareContract.Result result = run("v1");
      assertThat(result.verdict()).isEqualTo(Verdict.NO_DATA);
      assertThat(result.reason())
          .contains(
              "first GET /orders/0: 'v1' answers %d, which says nothing of the contract"
                  .formatted(status));
    }
    Files.writeString(
        file,
        "- {path: /orders/0, answer: {status: 503}}\n- {path: /orders, answer: {status: 404}}");

    assertThat(run("v1").reason())
        .as("the recorded answer is wanted, another one is not")
        .isEqualTo(
            "1 of the 2 requests that were sent could not be compared, first GET /orders: 'v1' answers 200, recorded was 404; the other answer of 'v2' is as before");
  }

  @Test
  void twoServicesThatKnowNoneOfThePaths_showNothing() throws Exception {
    Files.writeString(file, "- GET /api/v1/orders\n- GET /api/v1/customers");

    CompareContract.Result result = run("v1");
    assertThat(result.verdict()).isEqualTo(Verdict.NO_DATA);
    assertThat(result.reason())
        .isEqualTo(
            "none of the 2 compared answers is a success or one that the list records, first GET /api/v1/orders with 404");
  }

  @Test
  void structure_seesAnotherMediaType_andAnArrayThatHasBecomeEmpty() throws Exception {
    Files.writeString(file, "- GET /orders");
    now.answer("GET /orders", 200, "application/json", "[]");
    assertThat(run("v1", Depth.STRUCTURE).reason())
        .endsWith("the body has 0 elements instead of 1 element");
    old.answer("GET /orders", 200, "text/csv", "id;total");
    now.answer("GET /orders", 200, "text/html", "<form>Log in</form>");

    assertThat(run("v1", Depth.STRUCTURE).reason())
        .endsWith("header content-type has another value");
  }

  @Test
  void answerTooLongToBeRead_isNoData() throws Exception {
    String huge = "\"" + "x".repeat(3 << 20) + "\"";
    old.answer("GET /orders", 200, "application/json", huge);
    now.answer("GET /orders", 200, "application/json", huge);

    CompareContract.Result result = run("v1");
    assertThat(result.verdict()).isEqualTo(Verdict.NO_DATA);
    assertThat(result.reason()).contains("'v1': the answer is too long to be read whole");
  }

  @Test
  void redirects_areAnswers_andAreNotFollowed() throws Exception {
    rules = rules.headers("location");
    Files.writeString(file, "- GET /moved");
    old.redirect("GET /moved", old.url() + "/orders");
    now.redirect("GET /moved", now.url() + "/orders");
    assertThat(run("v1").verdict()).isEqualTo(Verdict.PASS);
    now.redirect("GET /moved", "http://elsewhere/orders");

    CompareContract.Result result = run("v1");
    assertThat(result.reason()).endsWith("GET /moved: header location has another value");
    assertThat(now.requests).containsOnly("GET /moved");
  }

  @Test
  void compressedAnswer_isComparedByItsContent() throws Exception {
    now.gzip("GET /orders", "application/json", "[{\"id\":1,\"total\":2.50}]");

    assertThat(run("v1").verdict()).isEqualTo(Verdict.PASS);
  }

  @Test
  void secrets_areNeitherInTheArtifact_norInReasonAndLog() throws Exception {
    Files.writeString(
        file,
        """
        - {path: '/echo?api_key=in-the-address-1', headers: {x-session: recorded-session-7}}
        - {path: '/echo?sig=in-the-address-2&key=in-the-address-3', headers: {x-auth: recorded-session-8}}
        - GET /text
        - GET /login
        """);
    rules = rules.headers("set-cookie", "x-echo");
    for (AnsweringServer server : List.of(old, now)) {
      server.answer(
          "GET /text",
          200,
          "text/plain",
          "port %d: Bearer top-secret-key".formatted(server.port()));
      server.answer(
          "GET /login",
          200,
          "application/x-www-form-urlencoded",
          "scope=all&access_token=in-the-answer-%d&port=%1$d".formatted(server.port()));
      server.echo("GET /echo");
    }

    CompareContract.Result result = run("v1");
    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(now.seen)
        .contains("authorization: Bearer top-secret-key", "x-session: recorded-session-7");
    String everything = artifact() + result.reason() + context.logs();
    assertThat(everything)
        .contains("/echoed", "header set-cookie", "header x-echo", "api_key=******")
        .contains("sig=******&key=******", "scope=all&access_token=******&port=")
        .doesNotContain("top-secret", "in-the-address", "recorded-session", "in-the-answer");
  }

  @Test
  void credentialsOfTheList_replaceThoseOfTheTarget_orLeaveThemOut() throws Exception {
    Files.writeString(
        file,
        """
        - {path: /orders, headers: {authorization: Bearer wrong-one}}
        - {path: /orders, headers: {Authorization: ""}}
        """);

    assertThat(run("v1").verdict()).isEqualTo(Verdict.PASS);
    assertThat(now.seen.stream().filter(line -> line.startsWith("authorization")))
        .containsExactly("authorization: Bearer wrong-one");
  }

  @Test
  void halfOfACharacter_canBeReported() throws Exception {
    now.answer("GET /orders/0", 404, "application/json", "{\"error\":\"\\ud83d\"}");

    assertThat(run("v1").verdict()).isEqualTo(Verdict.FAIL);
    assertThat(artifact()).containsIgnoringCase("\\ud83d");
  }

  @Test
  void cancelledStep_endsAtOnce() throws Exception {
    timeout = Duration.ofMinutes(5);
    now.hang("GET /orders");
    context = new FakeStepContext(targets());
    Thread cancels =
        new Thread(
            () -> {
              try {
                assertThat(now.hanging.await(10, TimeUnit.SECONDS)).isTrue();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              context.cancel();
            });
    cancels.start();
    assertThatThrownBy(
            () -> context.run(step, new CompareContract.Input("orders", "v1", "v2", Depth.VALUES)))
        .isInstanceOf(CancellationException.class);
    cancels.join();
  }

  @Test
  void eachAttempt_keepsWhatItSaw() throws Exception {
    run("v1");
    now.answer("GET /orders/0", 500, "text/plain", "oops");
    CompareContract.Result second =
        context.retry(step, new CompareContract.Input("orders", "v1", "v2", Depth.VALUES));

    assertThat(second.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(context.artifacts().ofRun(context.runId())).hasSize(2);
    assertThat(artifact()).contains("\"FAIL\"");
  }

  @Test
  void mistakes_areToldBeforeTheStart() throws Exception {
    Environment environment = new Environment("test", "", targets());
    assertThat(step.check(input("v1", "v2"), environment)).isEmpty();
    assertThat(step.check(input("v2", "v2"), environment))
        .singleElement()
        .asString()
        .contains("'v2' and 'v2' are the same service");
    Map<String, Target> users = targets();
    users.put("old-users", target(now, Map.of("X-User", Secret.of("ann"))));
    users.put("new-users", target(now, Map.of("X-User", Secret.of("bob"))));
    assertThat(step.check(input("old-users", "new-users"), new Environment("test", "", users)))
        .isEmpty();
    assertThat(step.check(input("none", "v2"), environment))
        .containsExactly(
            "none of the 4 requests of 'orders' would be compared; the first: no whole answer of it was recorded");
    Files.writeString(file, "- GET");
    assertThat(step.check(input("v1", "v2"), environment))
        .containsExactly(file + ": requests[0]: must be a method and a path, such as GET /orders");
    context = new FakeStepContext(environment);
    assertThatThrownBy(() -> context.run(step, input("v1", "v2"))).isInstanceOf(BusinessStop.class);
    Files.writeString(file, LIST);
    assertThatThrownBy(() -> context.run(step, input("v2", "v2"))).isInstanceOf(BusinessStop.class);
  }

  private static CompareContract.Input input(String baseline, String candidate) {
    return new CompareContract.Input("orders", baseline, candidate, Depth.VALUES);
  }

  @Test
  void plan_saysWhatIsSent_andWhatIsNot() throws Exception {
    var plan = step.plan(input("v1", "v2"), new Environment("test", "", targets()));
    assertThat(plan.summary())
        .isEqualTo(
            "Send 3 of 4 requests of 'orders' to 'v2' and compare the answers with those of 'v1'");
    assertThat(new ArrayList<>(plan.details()))
        .containsExactly(
            "GET /orders",
            "GET /orders/0",
            "POST /search",
            "POST /orders is not sent: POST is not declared safe");
  }
}
