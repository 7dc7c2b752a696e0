package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.belay.face.terminal.Terminal;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.playground.Scratch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.camunda.bpm.engine.HistoryService;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.identity.User;
import org.camunda.bpm.engine.repository.DeploymentBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * A run is called rolled back, or completed, only when its journal proves it. The runbook rotates
 * the certificate of three instances, one by one; each has a file while the new one is served.
 */
@WebTest
@OwnBelay
@Import(WithoutLint.class)
class RollbackProofTest {

  private static final Path DIRECTORY = scratch();
  private static final HttpServer NGINX = nginx();
  private static final String RUNBOOK = "rotate-certificate.bpmn";
  private static final String WRONG_UNDO =
      "<camunda:inputParameter name=\"service\">certificate-3</camunda:inputParameter>";
  private static final String RIGHT_UNDO = WRONG_UNDO.replace("certificate-3", "certificate-2");

  @Autowired Caller caller;
  @Autowired RepositoryService repository;
  @Autowired IdentityService identity;
  @Autowired HistoryService history;
  @Autowired Journal journal;

  private static Path scratch() {
    try {
      return Scratch.directory("laws");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Healthy, whichever certificate it serves. */
  private static HttpServer nginx() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
          });
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterAll
  static void stop() {
    NGINX.stop(0);
  }

  @DynamicPropertySource
  static void directories(DynamicPropertyRegistry registry) throws IOException {
    Path environments = Files.createDirectories(DIRECTORY.resolve("environments"));
    StringBuilder targets = new StringBuilder("description: Three nginx\ntargets:\n");
    for (int instance = 1; instance <= 3; instance++) {
      Path file = served(instance);
      targets.append(
          """
            certificate-%1$d:
              type: service
              url: http://127.0.0.1:%2$d/%1$d
              start: {arguments: [%3$s, %4$s]}
              stop: {arguments: [rm, %4$s]}
              running: {arguments: [test, -e, %4$s]}
          """
              .formatted(instance, NGINX.getAddress().getPort(), "touch", file));
    }
    Files.writeString(environments.resolve("nginx.yml"), targets);
    registry.add("camunda.bpm.process-engine-name", () -> "laws");
    registry.add("spring.datasource.url", () -> "jdbc:h2:mem:laws;DB_CLOSE_DELAY=-1");
    registry.add("belay.environments", environments::toString);
    registry.add("belay.artifacts.directory", () -> DIRECTORY.resolve("artifacts").toString());
  }

  private static Path served(int instance) {
    return DIRECTORY.resolve("certificate-" + instance);
  }

  @BeforeEach
  void oldCertificates() throws IOException {
    if (identity.createUserQuery().userId("tess").count() == 0) {
      // The terminal reads passwords from the environment only, so one that is there serves.
      User tess = identity.newUser("tess");
      tess.setPassword(System.getenv("PATH"));
      identity.saveUser(tess);
      identity.createMembership("tess", "operator");
    }
    for (int instance = 1; instance <= 3; instance++) {
      Files.deleteIfExists(served(instance));
    }
  }

  @Test
  void undoOfTheWrongInstance_isNotCalledRolledBack_andNamesWhatStands() throws Exception {
    deploy(Map.of());
    String run = rollBackInPhase3();
    JsonNode view = awaitEnd(run);

    assertThat(served(2)).as("the new certificate is still served").exists();
    assertThat(
            history
                .createHistoricVariableInstanceQuery()
                .processInstanceId(run)
                .variableName("reason")
                .singleResult()
                .getValue())
        .as("what a notice on the way back would say")
        .asString()
        .startsWith("aborted by olga: the third one fails; NOT TAKEN BACK: ")
        .contains("certificate-2")
        .doesNotContain("certificate-1");
    assertThat(view.path("reason").asText()).isEqualTo("aborted by olga: the third one fails");
    assertThat(view.path("status").asText()).isEqualTo("ROLLBACK_INCOMPLETE");
    assertThat(view.path("standing")).hasSize(1);
    String execution =
        journal.entries(run, Kind.INTENT).stream()
            .filter(entry -> entry.payload().path("service").asText().equals("certificate-2"))
            .findFirst()
            .map(JournalEntry::stepKey)
            .orElseThrow();
    assertThat(view.path("standing").get(0).asText())
        .contains("Rotate certificate", "startService", "certificate-2", execution)
        .contains("no undo recorded taking it back");
  }

  @Test
  void everyFaceSaysWhatStands_andTheTerminalFails() throws Exception {
    deploy(Map.of());
    String run = rollBackInPhase3();
    awaitEnd(run);

    String stands = "certificate-2; execution";
    assertThat(caller.get("vera", "/runs/" + run).is(200).text())
        .contains("rollback incomplete", stands);
    assertThat(caller.get("vera", "/runs/" + run + "/report").is(200).text()).contains(stands);
    assertThat(caller.get("vera", "/api/runs/" + run + "/report").is(200).text()).contains(stands);
    assertThat(caller.get("vera", "/api/runs/" + run + "/events").is(200).text())
        .contains("event:end")
        .contains(stands);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int exit =
        Terminal.run(
            new PrintStream(said, true, StandardCharsets.UTF_8),
            "follow",
            run,
            "--url=" + caller.uri(""),
            "--user=tess",
            "--password-env=PATH",
            "--expect=ROLLED_BACK",
            "--quit-quietly");
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains("Run ended: rollback incomplete", stands);
    assertThat(exit).isEqualTo(1);
  }

  @Test
  void eachUndoOfItsOwnInstance_isRolledBack() throws Exception {
    deploy(Map.of(RUNBOOK, RollbackProofTest::withTheRightUndo));
    JsonNode view = awaitEnd(rollBackInPhase3());

    assertThat(view.path("status").asText()).isEqualTo("ROLLED_BACK");
    assertThat(view.path("reason").asText()).isEqualTo("aborted by olga: the third one fails");
    assertThat(view.path("standing")).isEmpty();
    assertThat(served(1)).doesNotExist();
    assertThat(served(2)).doesNotExist();
  }

  @Test
  void overriddenUndo_countsForItsOwnExecution_only() throws Exception {
    deploy(Map.of());
    String run = rollBackInPhase3(this::makeUndeletable);
    caller.awaitStatus(run, "ROLLBACK_INCOMPLETE");
    override(run, "Undo_Rotate1");

    JsonNode view = awaitEnd(run);
    assertThat(view.path("status").asText()).isEqualTo("ROLLBACK_INCOMPLETE");
    assertThat(view.path("standing")).hasSize(1);
    assertThat(view.path("standing").get(0).asText()).contains("certificate-2");
  }

  @Test
  void overriddenUndo_withNothingElseStanding_isTakenOver() throws Exception {
    deploy(Map.of(RUNBOOK, RollbackProofTest::withTheRightUndo));
    String run = rollBackInPhase3(this::makeUndeletable);
    caller.awaitStatus(run, "ROLLBACK_INCOMPLETE");
    override(run, "Undo_Rotate1");

    assertThat(awaitEnd(run).path("status").asText()).isEqualTo("TAKEN_OVER");
  }

  @Test
  void temporaryChangeThatStands_isNotCalledCompleted() throws Exception {
    deploy(Map.of("rotate-certificate-2.bpmn", RollbackProofTest::temporary));
    JsonNode view = awaitEnd(start());

    assertThat(view.path("status").asText()).isEqualTo("ROLLBACK_INCOMPLETE");
    assertThat(view.path("standing")).hasSize(1);
    assertThat(view.path("standing").get(0).asText()).contains("certificate-2");
  }

  @Test
  void temporaryChangeThatIsBack_isCompleted() throws Exception {
    deploy(
        Map.of(
            "rotate-certificate-2.bpmn",
            phase ->
                temporary(phase)
                    .replace("camunda:topic=\"notifyPeople\"", "camunda:topic=\"stopService\"")
                    .replace("name=\"message\">rotated", "name=\"service\">certificate-2")));
    JsonNode view = awaitEnd(start());

    assertThat(view.path("status").asText()).isEqualTo("COMPLETED");
    assertThat(served(2)).doesNotExist();
    assertThat(served(3)).exists();
  }

  private static String withTheRightUndo(String runbook) {
    int second = runbook.indexOf(WRONG_UNDO);
    return runbook.substring(0, second)
        + RIGHT_UNDO
        + runbook.substring(second + WRONG_UNDO.length());
  }

  private static String temporary(String phase) {
    return phase.replaceFirst(
        "<bpmn:extensionElements>",
        "<bpmn:extensionElements><camunda:properties><camunda:property name=\"temporary\""
            + " value=\"true\" /></camunda:properties>");
  }

  /** In the place of the file is a directory, which {@code rm} leaves. */
  private void makeUndeletable() {
    try {
      Files.delete(served(1));
      Files.createDirectory(served(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void override(String run, String activity) {
    caller
        .post(
            "olga",
            "/api/runs/" + run + "/override",
            "{\"activityId\":\"%s\",\"reason\":\"put back by hand\"}".formatted(activity))
        .is(200);
  }

  private void deploy(Map<String, UnaryOperator<String>> changes) throws IOException {
    Map<String, String> models = new LinkedHashMap<>();
    models.put("runbooks/" + RUNBOOK, model(RUNBOOK));
    models.put("forms/start-rotate-certificate.form", model("start-rotate-certificate.form"));
    for (String instance : new String[] {"1", "2", "3"}) {
      models.put(
          "phases/rotate-certificate-%s.bpmn".formatted(instance),
          model("rotate-certificate-N.bpmn")
              .replace("certificate-N", "certificate-" + instance)
              .replace("certificate N", "certificate " + instance));
    }
    DeploymentBuilder deployment = repository.createDeployment().name("laws");
    models.forEach(
        (name, text) ->
            deployment.addString(
                name,
                changes
                    .getOrDefault(name.substring(name.lastIndexOf('/') + 1), same -> same)
                    .apply(text)));
    deployment.deploy();
  }

  private static String model(String name) throws IOException {
    return Files.readString(Path.of("src/test/resources/laws", name), StandardCharsets.UTF_8);
  }

  private String start() {
    return caller
        .post(
            "olga",
            "/api/runs",
            "{\"runbook\":\"rotate-certificate\",\"parameters\":{\"environment\":\"nginx\"}}")
        .is(201)
        .body()
        .path("id")
        .asText();
  }

  /** The third instance cannot be rotated, because its file's place is taken. */
  private String rollBackInPhase3() throws IOException {
    return rollBackInPhase3(() -> {});
  }

  private String rollBackInPhase3(Runnable beforeTheAbort) throws IOException {
    Files.createSymbolicLink(served(3), DIRECTORY.resolve("no-such-directory/certificate"));
    String run = start();
    caller.awaitStatus(run, "INCIDENT");
    beforeTheAbort.run();
    caller
        .post("olga", "/api/runs/" + run + "/abort", "{\"reason\":\"the third one fails\"}")
        .is(200);
    return run;
  }

  private JsonNode awaitEnd(String run) {
    return await()
        .atMost(Duration.ofSeconds(40))
        .until(
            () -> caller.get("vera", "/api/runs/" + run).body(),
            view -> !view.path("endedAt").isNull());
  }
}
