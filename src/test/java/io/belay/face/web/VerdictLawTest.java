package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * Phases that ask an old verdict, or that of another target: what a check said last, of each
 * target, decides.
 */
@WebTest
@OwnBelay
@Import(WithoutLint.class)
class VerdictLawTest {

  private static final HttpServer SERVER = LawWorld.serve();
  private static final LawWorld WORLD = new LawWorld("verdict-law");

  @Autowired Caller caller;

  @DynamicPropertySource
  static void models(DynamicPropertyRegistry properties) throws IOException {
    WORLD.copyAll(LawWorld.WEB, ".");
    WORLD.copy(
        LawWorld.CASES.resolve("stale-verdict.bpmn"), "processes/phases/rotate-certificate-2.bpmn");
    WORLD.copy(
        LawWorld.WEB.resolve("processes/phases/undo-counting.bpmn"),
        "processes/phases/undo-counting.bpmn",
        "camunda:topic=\"countBack\"",
        "camunda:topic=\"stopService\"",
        "<camunda:inputParameter name=\"fail\">${failUndo}<",
        "<camunda:inputParameter name=\"service\">certificate-2<");
    WORLD.copy(
        LawWorld.WEB.resolve("processes/runbooks/web-test.bpmn"),
        "processes/runbooks/web-test.bpmn",
        "calledElement=\"counting\"",
        "calledElement=\"rotate-certificate-2\"");
    // Probes whatever service the approver names, as often as the answer is no.
    WORLD.copy(
        LawWorld.WEB.resolve("processes/phases/deciding.bpmn"),
        "processes/phases/probing-each.bpmn",
        "\"deciding\"",
        "\"probing-each\"",
        "<bpmn:incoming>Flow_Start_To_Task_Decide</bpmn:incoming>",
        "<bpmn:incoming>Flow_Start_To_Task_Decide</bpmn:incoming><bpmn:incoming>Flow_Next</bpmn:incoming>",
        "sourceRef=\"Gateway_Go\" targetRef=\"End_Failed_NoGo\" />",
        """
        sourceRef="Gateway_Go" targetRef="Task_Probe" />
            <bpmn:serviceTask id="Task_Probe" name="Probe it" camunda:asyncBefore="true" camunda:delegateExpression="${probeEndpoints}">
              <bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="service">${reason}</camunda:inputParameter></camunda:inputOutput></bpmn:extensionElements>
              <bpmn:incoming>Flow_Go_NoGo</bpmn:incoming><bpmn:outgoing>Flow_Next</bpmn:outgoing>
            </bpmn:serviceTask>
            <bpmn:sequenceFlow id="Flow_Next" sourceRef="Task_Probe" targetRef="Task_Decide" />
        """);
    WORLD.copy(
        LawWorld.WEB.resolve("processes/runbooks/web-test.bpmn"),
        "processes/runbooks/each.bpmn",
        "\"web-test\"",
        "\"each\"",
        "Start web-test",
        "Start each",
        "calledElement=\"counting\"",
        "calledElement=\"probing-each\"");
    WORLD.copy(
        WORLD.directory().resolve("processes/runbooks/each.bpmn"),
        "processes/runbooks/careless.bpmn",
        "\"each\"",
        "\"careless\"",
        "Start each",
        "Start careless",
        "sourceRef=\"Gateway_CountingPassed\" targetRef=\"Undone_Counting\"",
        "sourceRef=\"Gateway_CountingPassed\" targetRef=\"End_Completed\"");
    // Goes on past the first phase's no, and asks a person at the end about something else.
    WORLD.copy(
        WORLD.directory().resolve("processes/runbooks/each.bpmn"),
        "processes/runbooks/announced.bpmn",
        "\"each\"",
        "\"announced\"",
        "Start each",
        "Start announced",
        "sourceRef=\"Gateway_CountingPassed\" targetRef=\"Undone_Counting\"",
        "sourceRef=\"Gateway_CountingPassed\" targetRef=\"Phase_Deciding\"",
        "sourceRef=\"Gateway_DecidingPassed\" targetRef=\"End_Completed\"",
        "sourceRef=\"Gateway_DecidingPassed\" targetRef=\"Task_Announce\"",
        "<bpmn:endEvent id=\"End_Completed\" name=\"Counted and approved\">\n"
            + "      <bpmn:incoming>Flow_DecidingPassed_Yes<",
        """
        <bpmn:userTask id="Task_Announce" name="Announce it" camunda:formRef="decide" camunda:formRefBinding="deployment" camunda:candidateGroups="approver">
          <bpmn:incoming>Flow_DecidingPassed_Yes</bpmn:incoming><bpmn:outgoing>Flow_Announced</bpmn:outgoing>
        </bpmn:userTask>
        <bpmn:sequenceFlow id="Flow_Announced" sourceRef="Task_Announce" targetRef="End_Completed" />
        <bpmn:endEvent id="End_Completed" name="Counted and approved">
              <bpmn:incoming>Flow_Announced<\
        """);
    describe("/handshake");
    WORLD.use(properties);
  }

  /**
   * @param endpoint of the second service; the server answers {@code /health} only
   */
  private static void describe(String endpoint) throws IOException {
    Files.writeString(
        WORLD.directory().resolve("environments/test.yml"),
        """
        targets:
          certificate-2:
            type: service
            url: http://127.0.0.1:%1$d
            endpoints: [%3$s]
            start: {arguments: [touch, %2$s]}
            stop: {arguments: [rm, -f, %2$s]}
            running: {arguments: [test, -e, %2$s]}
          certificate-3:
            type: service
            url: http://127.0.0.1:%1$d
            endpoints: [/health]
          check-2:
            type: command
            run: {arguments: ['true']}
        """
            .formatted(SERVER.getAddress().getPort(), installed(), endpoint));
  }

  @AfterAll
  static void stop() {
    SERVER.stop(0);
  }

  @BeforeEach
  void handshakeFails() throws IOException {
    describe("/handshake");
  }

  @Test
  void phaseWhoseLastCheckFailed_hasFailed_whateverVerdictItsGatewayRead() {
    String run = caller.start("");

    JsonNode view = caller.awaitStatus(run, "ROLLED_BACK", "WAITING_FOR_PERSON", "INCIDENT");

    assertThat(view.path("status").asText()).isEqualTo("ROLLED_BACK");
    assertThat(view.path("reason").asText())
        .contains("ended as passed, but 'Probe endpoints' said FAIL last", "/handshake");
    assertThat(installed()).doesNotExist();
  }

  @Test
  void checkOfOneTarget_makesUpForNoOther() {
    String run = caller.start("each", "");
    answer(run, "no-go", "certificate-2"); // fails
    answer(run, "no-go", "certificate-3"); // passes
    answer(run, "go", "the last one is fine");

    JsonNode view = caller.awaitStatus(run, "ROLLED_BACK", "COMPLETED", "WAITING_FOR_PERSON");
    assertThat(view.path("reason").asText())
        .contains("ended as passed, but 'Probe it' said FAIL last of certificate-2");
    assertThat(view.path("status").asText()).isEqualTo("ROLLED_BACK");
  }

  @Test
  void runWhosePhaseFailed_isNotCompleted_whereverItsModelLeads() throws IOException {
    String run = caller.start("careless", "");
    answer(run, "no-go", "certificate-2");
    answer(run, "go", "never mind");

    JsonNode view = caller.awaitStatus(run, "ROLLBACK_INCOMPLETE", "COMPLETED");
    assertThat(view.path("status").asText()).isEqualTo("ROLLBACK_INCOMPLETE");
    assertThat(view.path("standing").path(0).asText())
        .contains("went on to its completed end, but 'Counting' said failed last")
        .contains("'Probe it' said FAIL last of certificate-2");

    describe("/health");
    run = caller.start("careless", "");
    answer(run, "no-go", "certificate-2");
    answer(run, "go", "fine now");
    caller.awaitStatus(run, "WAITING_FOR_PERSON"); // in the next phase
    answer(run, "go", "fine now");
    caller.awaitStatus(run, "COMPLETED");
  }

  @Test
  void taskThatIsNotBehindTheNo_doesNotMakeUpForIt() {
    String run = caller.start("announced", "");
    answer(run, "no-go", "certificate-2");
    answer(run, "go", "never mind");
    answer(run, "go", "in the next phase");
    answer(run, "go", "announced");

    JsonNode view = caller.awaitStatus(run, "ROLLBACK_INCOMPLETE", "COMPLETED");
    assertThat(view.path("standing").path(0).asText())
        .contains("went on to its completed end, but 'Counting' said failed last");
  }

  @Test
  void checkThatPassesAfterItFailed_hasPassed() throws IOException {
    String run = caller.start("each", "");
    answer(run, "no-go", "certificate-2");
    describe("/health");
    answer(run, "no-go", "certificate-2");
    answer(run, "go", "fine now");

    caller.awaitStatus(run, "WAITING_FOR_PERSON"); // in the next phase
    assertThat(caller.get("vera", "/api/runs/" + run).body().path("reason").isNull()).isTrue();
    caller.end(run);
  }

  private void answer(String run, String decision, String reason) {
    caller.awaitStatus(run, "WAITING_FOR_PERSON", "ROLLED_BACK");
    String task = caller.openTask(run);
    caller
        .post(
            "anna",
            "/api/tasks/" + task + "/complete",
            "{\"values\":{\"decision\":\"%s\",\"reason\":\"%s\",\"looked\":true}}"
                .formatted(decision, reason))
        .is(204);
  }

  private static Path installed() {
    return WORLD.directory().resolve("installed").toAbsolutePath();
  }
}
