package io.belay.capability.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.command.ChildProcesses;
import io.belay.command.HostCommands;
import io.belay.command.OpenSshServer;
import io.belay.command.Places;
import io.belay.command.SshSessions;
import io.belay.gateway.TestBackend;
import io.belay.playground.Scratch;
import io.belay.step.Assignments;
import io.belay.step.Expectations;
import io.belay.step.FakeStepContext;
import io.belay.step.Verdict;
import io.belay.target.Command;
import io.belay.target.CommandTarget;
import io.belay.target.Environment;
import io.belay.target.HttpProbe;
import io.belay.target.Secret;
import io.belay.target.ServiceTarget;
import io.belay.target.Target;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
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
    ProbeEndpoints.Input input = new ProbeEndpoints.Input("v2", null, true);
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
                .run(probe, new ProbeEndpoints.Input("v2", List.of("/c"), true))
                .verdict())
        .isEqualTo(Verdict.PASS);
  }

  @Test
  void nothingToProbe_isNoData() throws Exception {
    ServiceTarget empty = service.target(null, List.of(), List.of());
    assertThat(
            context(empty)
                .run(new ProbeEndpoints(endpoints), new ProbeEndpoints.Input("v2", null, true))
                .verdict())
        .isEqualTo(Verdict.NO_DATA);
    assertThat(
            context(empty)
                .run(new CheckIntegrations(endpoints), new CheckIntegrations.Input("v2", true))
                .verdict())
        .isEqualTo(Verdict.NO_DATA);
  }

  @Test
  void whatIsNotRequired_passesWhereTheTargetNamesNone_andIsKnownBeforeTheStartWhereItIs()
      throws Exception {
    ServiceTarget plain = service.target(null, List.of(), List.of());
    FakeStepContext run = context(plain);
    VerifyWebhook webhook = new VerifyWebhook(new WebhookCheck(new HttpProbe()));
    ProbeEndpoints probe = new ProbeEndpoints(endpoints);
    CheckIntegrations integrations = new CheckIntegrations(endpoints);

    assertThat(run.run(webhook, new VerifyWebhook.Input("v2", false)).verdict())
        .isEqualTo(Verdict.PASS);
    assertThat(run.run(probe, new ProbeEndpoints.Input("v2", null, false)).verdict())
        .isEqualTo(Verdict.PASS);
    assertThat(run.run(integrations, new CheckIntegrations.Input("v2", false)).verdict())
        .isEqualTo(Verdict.PASS);

    assertThat(webhook.check(new VerifyWebhook.Input("v2", true), run.environment()))
        .containsExactly("target 'v2' names no webhook");
    assertThat(probe.check(new ProbeEndpoints.Input("v2", null, true), run.environment()))
        .containsExactly("target 'v2' names no endpoints");
    assertThat(integrations.check(new CheckIntegrations.Input("v2", true), run.environment()))
        .containsExactly("target 'v2' names no integrations");
  }

  @Test
  void aServiceThatHangs_isGivenUpInTime() throws Exception {
    service.delayMs = 5000;
    long started = System.nanoTime();
    ProbeEndpoints.Result result =
        context(service.target())
            .run(new ProbeEndpoints(endpoints), new ProbeEndpoints.Input("v2", null, true));
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
    CheckIntegrations.Input input = new CheckIntegrations.Input("v2", true);
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
          .run(
              new VerifyWebhook(new WebhookCheck(new HttpProbe())),
              new VerifyWebhook.Input("v2", true));
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
    RunCommand run =
        new RunCommand(new Places(new ChildProcesses(), new HostCommands(new SshSessions())));
    RunCommand.Input input = expecting("");
    FakeStepContext good = commandContext("echo 12 tests passed");
    assertThat(good.run(run, input).verdict()).isEqualTo(Verdict.PASS);
    assertThat(good.logs()).anyMatch(line -> line.contains("12 tests passed"));
    RunCommand.Result bad = commandContext("echo 100% broken; exit 7").run(run, input);
    assertThat(bad.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(bad.exitCode()).isEqualTo(7);
    assertThat(bad.reason()).contains("saw exit code 7").contains("100% broken");
  }

  @Test
  void command_isJudgedByWhatIsExpectedOfIt_withWhatWasSeen() throws Exception {
    RunCommand run =
        new RunCommand(new Places(new ChildProcesses(), new HostCommands(new SshSessions())));
    FakeStepContext three = commandContext("echo warning >&2; echo 3");

    assertThat(three.run(run, expecting("number <= 3")).verdict()).isEqualTo(Verdict.PASS);
    assertThat(three.run(run, expecting("number < 3\nempty")).reason())
        .contains("expected 'number < 3', saw '3' (code 0)", "expected 'empty', saw '3'");
    assertThat(commandContext("exit 4").run(run, expecting("exit 3, 4")).verdict())
        .isEqualTo(Verdict.PASS);
    assertThat(commandContext("echo 3; exit 4").run(run, expecting("number = 3")).verdict())
        .isEqualTo(Verdict.FAIL);
  }

  @Test
  void commandOnHosts_passesOnlyWhenItPassesOnEach() throws Exception {
    Path one = Files.createDirectory(Scratch.directory("hosts").resolve("web1"));
    Path other = Files.createDirectory(one.resolveSibling("web2"));
    Files.createFile(one.resolve("ready"));
    try (SshSessions sessions = new SshSessions();
        OpenSshServer web1 = OpenSshServer.start(Scratch.directory("web1"), "SetEnv HOME=" + one);
        OpenSshServer web2 =
            OpenSshServer.start(Scratch.directory("web2"), "SetEnv HOME=" + other)) {
      RunCommand run = new RunCommand(new Places(new ChildProcesses(), new HostCommands(sessions)));
      CommandTarget tests =
          new CommandTarget(
              Command.of("sh", "-c", "echo looking; test -e $HOME/ready"),
              null,
              null,
              null,
              Map.of(),
              List.of(),
              List.of("web1", "web2"),
              1,
              null);
      FakeStepContext context =
          new FakeStepContext(Map.of("tests", tests, "web1", web1.host(), "web2", web2.host()));
      assertThat(context.run(run, expecting("")).reason())
          .contains("'tests' on 'web2'", "saw exit code 1", "looking");
      Files.createFile(other.resolve("ready"));
      assertThat(context.run(run, expecting("")).verdict()).isEqualTo(Verdict.PASS);
    }
  }

  @Test
  void commandThatChangesATarget_isNotRunAsACheck() {
    CommandTarget publisher =
        new CommandTarget(Command.of("true"), null, null, null, Map.of(), List.of("notifications"));
    RunCommand run =
        new RunCommand(new Places(new ChildProcesses(), new HostCommands(new SshSessions())));

    assertThat(run.check(expecting(""), new Environment("test", "", Map.of("tests", publisher))))
        .singleElement()
        .asString()
        .contains("'tests' changes [notifications]");
  }

  private static RunCommand.Input expecting(String expectations) {
    return new RunCommand.Input("tests", Assignments.none(), Expectations.valueOf(expectations));
  }

  private static FakeStepContext commandContext(String script) {
    return new FakeStepContext(Map.of("tests", CommandTarget.of(Command.of("sh", "-c", script))));
  }

  private static FakeStepContext context(Target target) {
    return new FakeStepContext(Map.of("v2", target));
  }
}
