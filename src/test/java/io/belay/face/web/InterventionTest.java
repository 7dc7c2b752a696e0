package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.face.web.Caller.Answer;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.stream.StreamSupport;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.runtime.ProcessInstance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What an administrator does to a run in the engine is told by its journal, page and report. */
@WebTest
@ExtendWith(OutputCaptureExtension.class)
class InterventionTest {

  private static final String REASON = "the approver is ill";

  @Autowired Caller caller;
  @Autowired RuntimeService runtime;
  @Autowired IdentityService identity;

  @Test
  void modification_isAnEntry_andTheRunIsNotCalledCompleted() {
    String run = caller.startUntilDecision();
    assertThat(interventions(run)).isEmpty();
    String phase = phase(run);

    modify("adam", phase).is(204);
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    caller
        .post(
            "anna",
            "/engine-rest/task/" + caller.openTask(run) + "/complete",
            """
            {"variables":{"decision":{"value":"go","type":"String"},
              "reason":{"value":"all is fine","type":"String"},"looked":{"value":true,"type":"Boolean"}}}
            """)
        .is(204);

    caller.awaitStatus(run, "TAKEN_OVER");
    JsonNode entry = interventions(run).get(0);
    assertThat(entry.path("actor").asText()).isEqualTo("adam");
    assertThat(entry.path("text").asText())
        .isEqualTo("ModifyProcessInstance of ProcessInstance by hand in the engine: " + REASON);
    assertThat(entry.at("/payload/request").asText())
        .startsWith("POST /engine-rest/process-instance/" + phase + "/modification {")
        .contains("\"activityId\":\"Task_Decide\"");
    assertThat(entry.at("/payload/reason").asText()).isEqualTo(REASON);
    for (String place : List.of("/api/runs/%s/report", "/runs/%s/report", "/api/runs/%s/events")) {
      assertThat(caller.get("vera", place.formatted(run)).is(200).text())
          .as("%s; the run's page shows the events", place)
          .contains(REASON);
    }
  }

  @Test
  void suspensionAndCandidates_areEntries_throughTheWebapps_andByTheEnginesOwnServices() {
    String run = caller.startUntilDecision();
    try {
      String suspended = "/engine-rest/process-instance/" + run + "/suspended";
      put("adam", suspended, "{\"suspended\":true}").is(204);
      put("adam", suspended, "{\"suspended\":false}").is(204);
      caller
          .post(
              "adam",
              "/engine-rest/task/" + caller.openTask(run) + "/identity-links",
              "{\"groupId\":\"viewer\",\"type\":\"candidate\"}")
          .is(204);
      identity.setAuthentication("adam", List.of("administrator"));
      runtime.setVariable(phase(run), "reason", "by hand");
      assertThat(interventions(run))
          .extracting(entry -> entry.at("/payload/operation").asText())
          .containsExactly("Suspend", "Activate", "AddGroupLink", "SetVariable");
    } finally {
      identity.clearAuthentication();
      caller.end(run);
    }
  }

  @Test
  void deletion_isAnEntry_withActorRequestAndReason() {
    String run = caller.startUntilDecision();
    isDeleted(run, run);
  }

  @Test
  void deletionOfAPhase_isAnEntryOfTheRun_whichEndsWithIt_cancelled() {
    String run = caller.startUntilDecision();
    isDeleted(run, phase(run));
  }

  private void isDeleted(String run, String instance) {
    String path = "/engine-rest/process-instance/" + instance;
    Answer deleted =
        caller.send(
            "adam", HttpRequest.newBuilder(caller.uri(path + "?annotation=not%20today")).DELETE());
    assertThat(deleted.status()).as(deleted.text()).isEqualTo(204);

    JsonNode entry = interventions(run).get(0);
    assertThat(entry.path("actor").asText()).isEqualTo("adam");
    assertThat(entry.path("text").asText())
        .isEqualTo("Delete of ProcessInstance by hand in the engine: not today");
    assertThat(entry.at("/payload/request").asText()).isEqualTo("DELETE " + path);
    assertThat(entry.at("/payload/reason").asText()).isEqualTo("not today");
    assertThat(entry.at("/payload/instance").asText()).isEqualTo(instance);
    caller.awaitStatus(run, "CANCELLED");
    assertThat(caller.get("vera", "/runs/" + run + "/report").is(200).text()).contains("not today");
  }

  @Test
  void changeOfAnAccount_isALineOfTheLog_withoutItsSecret(CapturedOutput output) {
    String secret = "never-in-a-log-37";
    put(
            "adam",
            "/engine-rest/user/vera/credentials",
            "{\"password\":\"%s\",\"authenticatedUserPassword\":\"adam\"}".formatted(secret))
        .is(204);
    put("adam", "/engine-rest/group/approver/members/vera", "{}").is(204);
    caller
        .send(
            "adam",
            HttpRequest.newBuilder(caller.uri("/engine-rest/group/approver/members/vera")).DELETE())
        .is(204);
    put(
            "adam",
            "/engine-rest/user/vera/credentials",
            "{\"password\":\"vera\",\"authenticatedUserPassword\":\"adam\"}")
        .is(204);

    assertThat(output.getAll())
        .contains(
            "Update of User by 'adam': userId vera, by PUT /engine-rest/user/vera/credentials",
            "Create of Group membership by 'adam': groupId approver, by PUT"
                + " /engine-rest/group/approver/members/vera",
            "Delete of Group membership by 'adam': groupId approver, by DELETE"
                + " /engine-rest/group/approver/members/vera")
        .doesNotContain(secret);
  }

  @Test
  void nobody_intervenesInARunOfTheirOwn() {
    String run =
        caller
            .post(
                "adam",
                "/api/runs",
                "{\"runbook\":\"web-test\",\"parameters\":{\"environment\":\"test\"}}")
            .is(201)
            .body()
            .path("id")
            .asText();
    try {
      caller.awaitStatus(run, "WAITING_FOR_PERSON");
      Answer refused = modify("adam", phase(run));
      assertThat(refused.status()).as(refused.text()).isEqualTo(403);
      assertThat(refused.text()).contains("nobody intervenes in a run of their own");
      Answer suspension =
          put(
              "adam",
              "/engine-rest/process-instance/" + run + "/suspended",
              "{\"suspended\":true}");
      assertThat(suspension.status()).as(suspension.text()).isEqualTo(403);
      assertThat(interventions(run)).isEmpty();
      assertThat(caller.get("vera", "/api/runs/" + run).body().path("status").asText())
          .isEqualTo("WAITING_FOR_PERSON");
    } finally {
      caller.end(run);
    }
  }

  @Test
  void ordinaryRun_hasNone() {
    String run = caller.startUntilDecision();
    caller.end(run);
    assertThat(interventions(run)).isEmpty();
  }

  /** Asks the approver anew. */
  private Answer modify(String user, String phase) {
    return caller.post(
        user,
        "/engine-rest/process-instance/" + phase + "/modification",
        """
        {"annotation":"%s","instructions":[
          {"type":"cancel","activityId":"Task_Decide"},
          {"type":"startBeforeActivity","activityId":"Task_Decide"}]}
        """
            .formatted(REASON));
  }

  private Answer put(String user, String path, String body) {
    return caller.send(
        user,
        HttpRequest.newBuilder(caller.uri(path))
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(body)));
  }

  private String phase(String run) {
    return runtime.createProcessInstanceQuery().superProcessInstanceId(run).list().stream()
        .map(ProcessInstance::getId)
        .findFirst()
        .orElseThrow();
  }

  private List<JsonNode> interventions(String run) {
    JsonNode entries = caller.get("vera", "/api/runs/" + run + "/journal").is(200).body();
    return StreamSupport.stream(entries.spliterator(), false)
        .filter(entry -> entry.path("kind").asText().equals("INTERVENTION"))
        .toList();
  }
}
