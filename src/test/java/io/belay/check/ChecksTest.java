package io.belay.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.gateway.TestBackend;
import io.belay.step.FakeStepContext;
import io.belay.step.Verdict;
import io.belay.target.ChildProcesses;
import io.belay.target.Command;
import io.belay.target.CommandTarget;
import io.belay.target.HttpProbe;
import io.belay.target.Secret;
import io.belay.target.ServiceTarget;
import io.belay.target.Target;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChecksTest {

  private static final String TOKEN = "the-verification-token";
  private final EndpointCheck endpoints = new EndpointCheck(new HttpProbe());
  private TestService service;

  @BeforeEach
  void start() throws Exception {
    service = new TestService();
  }

  @AfterEach
  void stop() {
    service.close();
  }

  @Test
  void endpoints_allMustAnswer_andEachFailureIsNamed() throws Exception {
    ProbeEndpoints probe = new ProbeEndpoints(endpoints);
    ProbeEndpoints.Input input = new ProbeEndpoints.Input("v2", null);
    assertThat(context(service.target()).run(probe, input))
        .isEqualTo(new ProbeEndpoints.Result(Verdict.PASS, "all 2 endpoints answer", 2, 0));
    service.status.put("/a", 404);
    service.status.put("/b", 301);
    ProbeEndpoints.Result failed = context(service.target()).run(probe, input);
    assertThat(failed.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(failed.failed()).isEqualTo(2);
    assertThat(failed.reason()).contains("/a: 404").contains("/b: 301");
    assertThat(
            context(service.target())
                .run(probe, new ProbeEndpoints.Input("v2", List.of("/c")))
                .verdict())
        .isEqualTo(Verdict.PASS);
  }

  @Test
  void nothingToProbe_isNoData() throws Exception {
    ServiceTarget empty = service.target(null, List.of(), List.of());
    assertThat(
            context(empty)
                .run(new ProbeEndpoints(endpoints), new ProbeEndpoints.Input("v2", null))
                .verdict())
        .isEqualTo(Verdict.NO_DATA);
    assertThat(
            context(empty)
                .run(new CheckIntegrations(endpoints), new CheckIntegrations.Input("v2"))
                .verdict())
        .isEqualTo(Verdict.NO_DATA);
  }

  @Test
  void aServiceThatHangs_isGivenUpInTime() throws Exception {
    service.delayMs = 5000;
    long started = System.nanoTime();
    ProbeEndpoints.Result result =
        context(service.target())
            .run(new ProbeEndpoints(endpoints), new ProbeEndpoints.Input("v2", null));
    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason()).contains("no answer within 0.5 s");
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(4));
  }

  @Test
  void aBodyThatNeverEnds_isGivenUpInTime() throws Exception {
    TestBackend dripping =
        new TestBackend(
            exchange -> {
              exchange.sendResponseHeaders(200, 0);
              exchange.getResponseBody().write(1);
              exchange.getResponseBody().flush();
              TimeUnit.SECONDS.sleep(5);
            });
    try (dripping) {
      HttpProbe.Answer answer =
          new HttpProbe().get(dripping.address(), "/", Duration.ofMillis(300));
      assertThat(answer.answered()).isFalse();
      assertThat(answer.failure()).contains("no answer within");
    }
  }

  @Test
  void integrationsDown_areCounted() throws Exception {
    ServiceTarget target = service.target(null, List.of(), List.of("/ai", "/mail"));
    CheckIntegrations check = new CheckIntegrations(endpoints);
    CheckIntegrations.Input input = new CheckIntegrations.Input("v2");
    assertThat(context(target).run(check, input).verdict()).isEqualTo(Verdict.PASS);
    service.status.put("/ai", 503);
    CheckIntegrations.Result result = context(target).run(check, input);
    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.down()).isEqualTo(1);
    assertThat(result.reason()).contains("/ai: 503");
  }

  @Test
  void awaitHealthy_waitsForAliveAndReady_orTellsWhatIsMissing() throws Exception {
    AwaitHealthy await = new AwaitHealthy(endpoints);
    service.status.put("/ready", 503);
    AwaitHealthy.Result late =
        context(service.target()).run(await, new AwaitHealthy.Input("v2", Duration.ofMillis(300)));
    assertThat(late.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(late.reason()).contains("/ready: 503").doesNotContain("/health");
    CompletableFuture<AwaitHealthy.Result> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return context(service.target())
                    .run(await, new AwaitHealthy.Input("v2", Duration.ofSeconds(10)));
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    int before = service.requests.get();
    org.awaitility.Awaitility.await().until(() -> service.requests.get() > before + 2);
    service.status.clear();
    assertThat(waiting.get(5, TimeUnit.SECONDS).verdict()).isEqualTo(Verdict.PASS);
  }

  @Test
  void awaitHealthy_stopsWhenCancelled() {
    service.status.put("/ready", 503);
    FakeStepContext context = context(service.target());
    context.cancel();
    assertThatThrownBy(
            () ->
                context.run(
                    new AwaitHealthy(endpoints),
                    new AwaitHealthy.Input("v2", Duration.ofMinutes(5))))
        .isInstanceOf(CancellationException.class);
  }

  @Test
  void webhook_mustEchoTheChallenge_forTheRightTokenOnly() throws Exception {
    assertThat(webhook((token, challenge) -> token.equals(TOKEN) ? echo(challenge) : null))
        .satisfies(r -> assertThat(r.reason()).contains("wrong token is refused"))
        .satisfies(r -> assertThat(r.verdict()).isEqualTo(Verdict.PASS));
    assertThat(webhook((token, challenge) -> echo(challenge)))
        .satisfies(r -> assertThat(r.reason()).contains("a wrong token is accepted"))
        .satisfies(r -> assertThat(r.verdict()).isEqualTo(Verdict.FAIL));
    assertThat(webhook((token, challenge) -> null))
        .satisfies(r -> assertThat(r.reason()).contains("refused").doesNotContain(TOKEN))
        .satisfies(r -> assertThat(r.verdict()).isEqualTo(Verdict.FAIL));
    assertThat(webhook((token, challenge) -> token.equals(TOKEN) ? echo("other") : null))
        .satisfies(r -> assertThat(r.reason()).contains("without the challenge"))
        .satisfies(r -> assertThat(r.verdict()).isEqualTo(Verdict.FAIL));
  }

  private static String echo(String challenge) {
    return "{\"challenge\":\"" + challenge + "\"}";
  }

  private VerifyWebhook.Result webhook(BiFunction<String, String, String> answer) throws Exception {
    TestBackend lark =
        new TestBackend(
            exchange -> {
              JsonNode body = new ObjectMapper().readTree(exchange.getRequestBody().readAllBytes());
              boolean handshake =
                  exchange.getRequestMethod().equals("POST")
                      && exchange.getRequestURI().getPath().equals("/webhook")
                      && body.path("type").asText().equals("url_verification");
              String text =
                  handshake
                      ? answer.apply(body.path("token").asText(), body.path("challenge").asText())
                      : null;
              TestBackend.text(exchange, text == null ? 403 : 200, text == null ? "no" : text);
            });
    try (lark) {
      return context(webhookTarget(lark.address()))
          .run(new VerifyWebhook(new WebhookCheck(new HttpProbe())), new VerifyWebhook.Input("v2"));
    }
  }

  private static ServiceTarget webhookTarget(URI url) {
    return new ServiceTarget(
        url,
        "/health",
        "/health",
        null,
        null,
        List.of(),
        "/webhook",
        Secret.of(TOKEN),
        List.of(),
        null,
        null,
        null,
        Duration.ofSeconds(1),
        Duration.ofSeconds(2),
        List.of());
  }

  @Test
  void command_passesByItsExitCode_andItsEndIsTheReason() throws Exception {
    RunCommand run = new RunCommand(new ChildProcesses());
    RunCommand.Input input = new RunCommand.Input("tests");
    FakeStepContext good = commandContext("echo 12 tests passed");
    assertThat(good.run(run, input).verdict()).isEqualTo(Verdict.PASS);
    assertThat(good.logs()).anyMatch(line -> line.contains("12 tests passed"));
    RunCommand.Result bad = commandContext("echo 100% broken; exit 7").run(run, input);
    assertThat(bad.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(bad.exitCode()).isEqualTo(7);
    assertThat(bad.reason()).contains("ended with 7").contains("100% broken");
  }

  private static FakeStepContext commandContext(String script) {
    return new FakeStepContext(Map.of("tests", new CommandTarget(Command.of("sh", "-c", script))));
  }

  private static FakeStepContext context(Target target) {
    return new FakeStepContext(Map.of("v2", target));
  }
}
