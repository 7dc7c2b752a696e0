package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.face.web.Caller.Answer;
import java.util.List;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.identity.User;
import org.camunda.bpm.engine.task.Task;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** Who works on a task, through every door: its groups as they are at that moment. */
@WebTest
class TaskRightsTest {

  private static final String GO =
      "{\"variables\":{\"decision\":{\"value\":\"go\"},\"reason\":{\"value\":\"all is well\"},"
          + "\"looked\":{\"value\":true}}}";

  private static final String GO_BY_API =
      "{\"values\":{\"decision\":\"go\",\"reason\":\"all is well\",\"looked\":true}}";

  @Autowired Caller caller;
  @Autowired TaskService tasks;
  @Autowired IdentityService identity;

  private String run;
  private String task;

  @BeforeEach
  void startWithFrankAsAnApprover() {
    User frank = identity.newUser("frank");
    frank.setPassword("frank");
    identity.saveUser(frank);
    identity.createMembership("frank", "approver");
    // So that the doors stay open to him, and the engine alone decides.
    identity.createMembership("frank", "operator");
    run = caller.startUntilDecision();
    task = caller.openTask(run);
  }

  @AfterEach
  void end() {
    identity.clearAuthentication();
    identity.deleteUser("frank");
    caller.end(run);
  }

  @Test
  void formerMember_completesNothing_evenWhileHoldingTheTask() throws Exception {
    assertThat(claim("frank").status()).isEqualTo(204);
    Session session = new Session(caller);
    session.login("frank", "frank");
    identity.deleteMembership("frank", "approver");

    refusedToFormerMember(rest("frank", "/complete", GO).text());
    refusedToFormerMember(rest("frank", "/submit-form", GO).text());
    refusedToFormerMember(rest("frank", "/unclaim", "").text());
    for (String path : List.of("/complete", "/submit-form")) {
      var answer = session.webapps("POST", "/engine/engine/default/task/" + task + path, GO);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
      refusedToFormerMember(answer.body());
    }
    refusedToFormerMember(
        caller.post("frank", "/api/tasks/" + task + "/complete", GO_BY_API).is(403).text());
    identity.setAuthentication("frank", List.of("approver"));
    assertThatThrownBy(() -> tasks.complete(task)).hasMessageContaining("in none of them now");
    assertThatThrownBy(() -> tasks.resolveTask(task)).hasMessageContaining("in none of them now");
    assertThatThrownBy(() -> tasks.setVariable(task, "decision", "go"))
        .hasMessageContaining("in none of them now");
    assertThatThrownBy(() -> tasks.handleBpmnError(task, "STOP"))
        .hasMessageContaining("in none of them now");
    identity.clearAuthentication();

    assertThat(open().getAssignee()).isEqualTo("frank");
  }

  private void refusedToFormerMember(String answer) {
    assertThat(answer).contains("is for the groups [approver]", "frank is in none of them now");
  }

  @Test
  void removedUser_completesNothing_evenAsTheEngineStillKnowsTheLogin() {
    claim("frank");
    identity.deleteUser("frank");
    identity.setAuthentication("frank", List.of("approver", "operator"));
    assertThatThrownBy(() -> tasks.complete(task)).hasMessageContaining("in none of them now");
  }

  @Test
  void task_isHeldByOnePersonAtATime_untilAnAdministratorRemovesTheAssignee() {
    claim("frank");
    String held = "frank holds task 'Decide go or no-go'";
    assertThat(caller.post("anna", "/api/tasks/" + task + "/complete", GO_BY_API).is(403).text())
        .contains(held);
    for (String path : List.of("/complete", "/submit-form", "/unclaim")) {
      Answer refused = rest("anna", path, path.equals("/unclaim") ? "" : GO);
      assertThat(refused.status()).as(refused.text()).isEqualTo(403);
      assertThat(refused.text()).contains(held);
    }
    assertThat(open().getAssignee()).isEqualTo("frank");

    String assignee = "{\"userId\":\"frank\",\"type\":\"assignee\"}";
    assertThat(rest("adam", "/identity-links/delete", assignee).status()).isEqualTo(204);

    assertThat(claim("anna").status()).isEqualTo(204);
    assertThat(rest("anna", "/unclaim", "").status()).isEqualTo(204);
    assertThat(rest("anna", "/complete", GO).status()).isEqualTo(204);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vera", "olga", "adam"})
  void whoeverIsInNoGroupOfTheTask_neitherClaimsNorCompletesIt_whateverItsCandidatesAre(
      String user) {
    String candidate = "{\"userId\":\"%s\",\"type\":\"candidate\"}".formatted(user);
    assertThat(rest("adam", "/identity-links", candidate).status()).isEqualTo(204);

    assertThat(claim(user).status()).isEqualTo(403);
    assertThat(rest(user, "/complete", GO).status()).isEqualTo(403);
    assertThat(rest(user, "/submit-form", GO).status()).isEqualTo(403);
    caller.post(user, "/api/tasks/" + task + "/complete", GO_BY_API).is(403);
    identity.setAuthentication(user, List.of("approver"));
    assertThatThrownBy(() -> tasks.claim(task, user)).hasMessageContaining("in none of them now");
    identity.clearAuthentication();

    assertThat(open().getAssignee()).isNull();
  }

  @ParameterizedTest
  @CsvSource({"anna, vera", "anna, frank", "frank, anna"})
  void claimForSomebodyElse_isRefusedByTheEngineToo(String user, String other) {
    identity.setAuthentication(user, List.of("approver"));
    assertThatThrownBy(() -> tasks.claim(task, other)).hasMessageContaining("for oneself only");
    identity.clearAuthentication();
    assertThat(open().getAssignee()).isNull();
  }

  @Test
  void holder_handsTheTaskToNobody() {
    claim("anna");
    identity.setAuthentication("anna", List.of("approver"));
    for (Runnable act :
        List.<Runnable>of(
            () -> tasks.setOwner(task, "vera"),
            () -> tasks.delegateTask(task, "vera"),
            () -> tasks.addCandidateUser(task, "vera"),
            () -> tasks.addCandidateGroup(task, "viewer"),
            () -> tasks.deleteCandidateGroup(task, "approver"))) {
      assertThatThrownBy(act::run).hasMessageContaining("only an administrator changes who");
    }
    assertThatThrownBy(() -> tasks.setAssignee(task, "vera"))
        .hasMessageContaining("for oneself only");
    identity.clearAuthentication();
    assertThat(open().getAssignee()).isEqualTo("anna");
  }

  @Test
  void administrator_assignsTheTaskToNobodyElse() {
    Answer refused = rest("adam", "/identity-links", "{\"userId\":\"anna\",\"type\":\"assignee\"}");
    assertThat(refused.status()).as(refused.text()).isEqualTo(403);
    assertThat(refused.text()).contains("for oneself only");
    assertThat(open().getAssignee()).isNull();
  }

  private Task open() {
    return tasks.createTaskQuery().taskId(task).singleResult();
  }

  private Answer claim(String user) {
    return rest(user, "/claim", "{\"userId\":\"%s\"}".formatted(user));
  }

  private Answer rest(String user, String path, String body) {
    return caller.post(user, "/engine-rest/task/" + task + path, body);
  }
}
