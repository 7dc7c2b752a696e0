package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.belay.face.web.Caller.Answer;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.camunda.bpm.engine.ManagementService;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.impl.jobexecutor.TimerTaskListenerJobHandler;
import org.camunda.bpm.engine.impl.persistence.entity.JobEntity;
import org.camunda.bpm.engine.runtime.Job;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * An approval whose model offers it to operators, and lets it go on after its expiry: the engine
 * keeps to its own rules.
 */
@WebTest
@OwnBelay
@Import(WithoutLint.class)
class ApprovalLawTest {

  private static final String GO = "{\"values\":{\"decision\":\"go\",\"reason\":\"all is well\"}}";

  @Autowired Caller caller;
  @Autowired TaskService tasks;
  @Autowired ManagementService management;

  @DynamicPropertySource
  static void models(DynamicPropertyRegistry properties) {
    LawWorld world = new LawWorld("approval-law");
    world.copyAll(LawWorld.WEB, ".");
    world.copy(
        LawWorld.CASES.resolve("approval-by-the-starter-after-expiry.bpmn"),
        "processes/phases/approval.bpmn");
    world.copy(
        LawWorld.DELIVERED.resolve("forms/approval.form"),
        "processes/forms/approval.form",
        "\"components\": [",
        "\"components\": [{\"type\": \"textfield\", \"id\": \"F8\", \"key\": \"shot\", \"disabled\": true, \"properties\": {\"type\": \"file\"}},");
    world.copy(
        LawWorld.WEB.resolve("processes/runbooks/web-test.bpmn"),
        "processes/runbooks/web-test.bpmn",
        "calledElement=\"deciding\"",
        "calledElement=\"approval\"");
    world.copy(
        LawWorld.WEB.resolve("processes/forms/start-web-test.form"),
        "processes/forms/start-web-test.form",
        "\"components\": [",
        """
        "components": [
            {
              "type": "textfield",
              "id": "F9",
              "key": "approvalExpiry",
              "label": "Expiry",
              "defaultValue": "P2D",
              "validate": {"required": true},
              "properties": {"type": "duration"}
            },
        """);
    world.use(properties);
  }

  @Test
  void starter_cannotApprove_thoughTheModelSaysOperators() {
    String run = start("omar", "P2D");
    try {
      String task = taskOf(run);
      assertThat(complete("omar", task).is(403).text()).contains("four eyes");
      assertThat(complete("olga", task).is(403).text()).contains("for the groups [approver]");
      complete("anna", task).is(204);
      caller.awaitStatus(run, "COMPLETED");
    } finally {
      caller.end(run);
    }
  }

  /** Or the starter would put a file into another approver's decision. */
  @Test
  void approval_takesNoFile() {
    String run = start("omar", "P2D");
    try {
      for (String user : new String[] {"omar", "anna"}) {
        Answer answer =
            caller.send(
                user,
                HttpRequest.newBuilder(
                        caller.uri("/api/tasks/" + taskOf(run) + "/proof?name=shot.png"))
                    .header("Content-Type", "application/octet-stream")
                    .PUT(BodyPublishers.ofString("looks fine")));
        assertThat(answer.is(422).text()).contains("is an approval, and takes no file");
      }
    } finally {
      caller.end(run);
    }
  }

  @Test
  void whoIsNoApproverAtThatMoment_cannotApprove_whateverElseTheirRights() {
    String run = start("olga", "P2D");
    try {
      assertThat(complete("adam", taskOf(run)).is(403).text())
          .contains("for the groups [approver]");
    } finally {
      caller.end(run);
    }
  }

  @Test
  void answerAfterTheExpiry_isRefused_andTheRunIsRejected() {
    String run = start("olga", "PT8S");
    String task = taskOf(run);
    Job timer = timerOfBelay();
    management.setJobDuedate(timer.getId(), Date.from(Instant.now().plus(Duration.ofDays(1))));
    Instant created =
        tasks.createTaskQuery().taskId(task).singleResult().getCreateTime().toInstant();
    await().until(() -> Instant.now().isAfter(created.plus(Duration.ofSeconds(9))));

    assertThat(complete("anna", task).is(403).text()).contains("expired at");

    management.setJobDuedate(timer.getId(), new Date());
    assertThat(caller.awaitStatus(run, "COMPLETED", "ROLLED_BACK").toString())
        .contains("ROLLED_BACK")
        .contains("xpired");
  }

  private Job timerOfBelay() {
    return management.createJobQuery().timers().list().stream()
        .filter(
            job -> ((JobEntity) job).getJobHandlerType().equals(TimerTaskListenerJobHandler.TYPE))
        .findFirst()
        .orElseThrow();
  }

  private String start(String user, String expiry) {
    String run =
        caller
            .post(
                user,
                "/api/runs",
                "{\"runbook\":\"web-test\",\"parameters\":{\"environment\":\"other\",\"approvalExpiry\":\"%s\"}}"
                    .formatted(expiry))
            .is(201)
            .body()
            .path("id")
            .asText();
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    return run;
  }

  private String taskOf(String run) {
    return caller
        .get("adam", "/api/tasks?run=" + run)
        .is(200)
        .body()
        .path(0)
        .at("/task/id")
        .asText();
  }

  private Answer complete(String user, String task) {
    return caller.post(user, "/api/tasks/" + task + "/complete", GO);
  }
}
