package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.face.web.Caller.Answer;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.TaskService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** What passes through the engine's REST interfaces: only bodies that hold what was checked. */
@WebTest
class DoorsTest {

  private static final String START = "/engine-rest/process-definition/key/web-test/start";

  @Autowired Caller caller;
  @Autowired TaskService tasks;
  @Autowired RuntimeService runtime;

  // ------------------------------------------------------------------ expressions

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/engine-rest/task",
        "/engine-rest/task/count",
        "/engine-rest/engine/default/task",
        "/engine-rest/process-instance",
        "/engine-rest/history/task",
        "/engine-rest/filter/x/list",
        "/engine-rest/filter/x/count",
      })
  void expressionInAQuery_isRefused_howeverDeep(String path) {
    for (String query :
        List.of(
            "{\"assigneeExpression\":\"${''.concat('evaluated')}\"}",
            "{\"orQueries\":[{\"assigneeExpression\":\"${''.concat('evaluated')}\"}]}",
            "{\"orQueries\":[{\"orQueries\":[{\"dueDateExpression\":\"${now()}\"}]}]}",
            "{\"orQueries\":[{\"assignee\\u0045xpression\":\"${x}\"}]}",
            "{\"a\":{\"b\":[[{\"ownerEXPRESSION\":\"${x}\"}]]}}")) {
      Answer refused = caller.post("vera", path, query).is(400);
      assertThat(refused.text()).contains("expressions are not evaluated here");
    }
  }

  @ParameterizedTest
  @CsvSource({"adam, 400", "vera, 403", "olga, 403"})
  void expressionInAStoredFilter_isRefused(String user, int status) {
    String filter =
        """
        {"name":"all","resourceType":"Task","query":{"orQueries":[{"assigneeExpression":"${x}"}]}}
        """;
    caller.post(user, "/engine-rest/filter/create", filter).is(status);
    send(user, "PUT", "/engine-rest/filter/x", filter).is(status);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/engine-rest/task?assigneeExpression=x",
        "/engine-rest/task?assignee%45xpression=x",
        "/engine-rest/task/count?firstResult=1&dueAfterEXPRESSION=x",
      })
  void expressionInTheAddress_isRefused(String path) {
    assertThat(caller.get("vera", path).is(400).text())
        .contains("expressions are not evaluated here");
  }

  // ------------------------------------------------------------------ variables

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"Object\",\"value\":\"{}\",\"valueInfo\":{\"objectTypeName\":\"java.awt.Point\","
            + "\"serializationDataFormat\":\"application/json\"}}",
        "{\"type\":\"object\",\"value\":\"{}\"}",
        "{\"type\":\"Json\",\"value\":\"{}\"}",
        "{\"type\":\"Xml\",\"value\":\"<x/>\"}",
        "{\"type\":\"File\",\"value\":\"eA==\"}",
        "{\"type\":\"Bytes\",\"value\":\"eA==\"}",
        "{\"value\":{\"x\":1}}",
        "{\"value\":[1]}",
        "{\"type\":\"Integer\",\"value\":\"1\"}",
        "{\"type\":\"String\",\"value\":\"x\",\"local\":true}",
        "{\"type\":\"String\",\"value\":\"x\",\"valueInfo\":{\"transient\":true}}",
        "1",
      })
  void variableThatIsNoSingleValue_isRefusedAtEveryDoor(String variable) {
    String run = caller.startUntilDecision();
    try {
      String task = caller.openTask(run);
      String body = "{\"variables\":{\"zz\":" + variable + "}}";
      for (String path : List.of("/complete", "/submit-form")) {
        assertThat(caller.post("anna", "/engine-rest/task/" + task + path, body).is(400).text())
            .contains("Refused: variables.zz");
      }
      caller.post("olga", START, body).is(400);
      caller
          .post(
              "olga",
              "/engine-rest/message",
              "{\"messageName\":\"Start web-test\",\"processVariables\":{\"zz\":%s}}"
                  .formatted(variable))
          .is(400);
      assertThat(runtime.createVariableInstanceQuery().variableName("zz").count()).isZero();
      assertThat(caller.openTask(run)).isEqualTo(task);
    } finally {
      caller.end(run);
    }
  }

  @Test
  void variablesOfARun_areSetByNobody() {
    String run = caller.startUntilDecision();
    try {
      String task = caller.openTask(run);
      for (String user : List.of("vera", "olga", "anna", "adam")) {
        String value = "{\"value\":\"x\",\"type\":\"String\"}";
        String several = "{\"modifications\":{\"a\":" + value + "}}";
        send(user, "PUT", "/engine-rest/process-instance/" + run + "/variables/a", value).is(403);
        send(user, "PUT", "/engine-rest/task/" + task + "/variables/a", value).is(403);
        send(user, "PUT", "/engine-rest/execution/" + run + "/localVariables/a", value).is(403);
        caller.post(user, "/engine-rest/process-instance/" + run + "/variables", several).is(403);
        caller.post(user, "/engine-rest/task/" + task + "/localVariables", several).is(403);
      }
    } finally {
      caller.end(run);
    }
  }

  // ------------------------------------------------------------------ how a body is read

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"})
  void bodyThatIsNoJson_isRefused(String type) {
    caller
        .send(
            "olga",
            HttpRequest.newBuilder(caller.uri("/engine-rest/task"))
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString("{}")))
        .is(415);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\":\"a\",\"name\":\"b\"}",
        "{} {}",
        "{",
        "[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]",
      })
  void bodyThatCanBeReadInTwoWays_isRefused(String body) {
    assertThat(caller.post("vera", "/engine-rest/task", body).is(400).text())
        .contains("no valid JSON");
  }

  @Test
  void expressionInAnotherEncoding_isRefused() {
    for (Charset charset : List.of(StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE)) {
      caller
          .send(
              "vera",
              HttpRequest.newBuilder(caller.uri("/engine-rest/task"))
                  .header("Content-Type", "application/json;charset=" + charset.name())
                  .POST(BodyPublishers.ofString("{\"assigneeExpression\":\"${x}\"}", charset)))
          .is(400);
    }
  }

  @Test
  void bodyThatIsTooLong_isRefused() {
    String text = "x".repeat(1024 * 1024);
    caller.post("vera", "/engine-rest/task", "{\"name\":\"" + text + "\"}").is(413);
  }

  // ------------------------------------------------------------------ tasks

  @Test
  void task_isClaimedForOneselfOnly() {
    String run = caller.startUntilDecision();
    try {
      String task = caller.openTask(run);
      String claim = "/engine-rest/task/" + task + "/claim";
      assertThat(caller.post("anna", claim, "{\"userId\":\"vera\"}").is(403).text())
          .contains("for oneself only");
      caller.post("adam", claim, "{\"userId\":\"vera\"}").is(403);
      caller.post("anna", claim, "{}").is(403);
      assertThat(tasks.createTaskQuery().taskId(task).singleResult().getAssignee()).isNull();

      assertThat(caller.post("anna", claim, "{\"userId\":\"anna\"}").status()).isEqualTo(204);

      for (String user : List.of("vera", "olga", "anna", "adam")) {
        String person = "{\"userId\":\"vera\"}";
        caller.post(user, "/engine-rest/task/" + task + "/assignee", person).is(403);
        caller.post(user, "/engine-rest/task/" + task + "/delegate", person).is(403);
      }
    } finally {
      caller.end(run);
    }
  }

  @Test
  void viewer_claimsCompletesAndCommentsNothing() {
    String run = caller.startUntilDecision();
    try {
      String task = "/engine-rest/task/" + caller.openTask(run);
      caller.post("vera", task + "/claim", "{\"userId\":\"vera\"}").is(403);
      caller.post("vera", task + "/unclaim", "").is(403);
      caller.post("vera", task + "/complete", "{}").is(403);
      caller.post("vera", task + "/comment/create", "{\"message\":\"hm\"}").is(403);
      assertThat(caller.post("anna", task + "/comment/create", "{\"message\":\"hm\"}").status())
          .isEqualTo(200);
    } finally {
      caller.end(run);
    }
  }

  @ParameterizedTest
  @CsvSource({"vera, anna", "olga, adam", "anna, vera"})
  void account_isChangedByItsOwnerOnly(String user, String other) {
    String password = "{\"password\":\"a long new one\",\"authenticatedUserPassword\":\"%s\"}";
    send(user, "PUT", "/engine-rest/user/" + other + "/credentials", password.formatted(user))
        .is(403);
    send(user, "PUT", "/engine-rest/user/" + other + "/profile", "{\"firstName\":\"x\"}").is(403);
  }

  // ------------------------------------------------------------------ runs

  @ParameterizedTest
  @ValueSource(strings = {"vera", "olga", "anna", "adam"})
  void timersAndRetries_haveNoDoorHere(String user) {
    String run = caller.startUntilDecision();
    try {

      for (String path : List.of("/job/x", "/external-task/x", "/job-definition/x")) {
        send(user, "PUT", "/engine-rest" + path + "/retries", "{\"retries\":0}").is(403);
      }
      String late = "{\"retries\":1,\"dueDate\":\"2040-01-01T00:00:00.000+0000\"}";
      send(user, "PUT", "/engine-rest/job/x/retries", late).is(403);
      send(user, "PUT", "/engine-rest/job/x/duedate", "{\"duedate\":null}").is(403);
      send(user, "POST", "/engine-rest/job/x/duedate/recalculate", "").is(403);
      send(user, "POST", "/engine-rest/job/retries", "{\"retries\":0}").is(403);
      send(user, "PUT", "/engine-rest/external-task/retries", "{\"retries\":0}").is(403);
      send(user, "POST", "/engine-rest/external-task/retries-async", "{}").is(403);
      send(user, "POST", "/engine-rest/process-instance/job-retries", "{}").is(403);
      assertThat(send(user, "PUT", "/engine-rest/job/x/retries", "{}").is(403).text())
          .contains("/api/runs");
    } finally {
      caller.end(run);
    }
  }

  @ParameterizedTest
  @CsvSource({"vera, 403", "anna, 403", "olga, 400", "adam, 400"})
  void message_onlyStartsRunbooks(String user, int status) {
    String run = caller.startUntilDecision();
    try {
      String phase =
          caller.get("vera", "/api/runs/" + run).body().at("/tasks/0/instanceId").asText();
      for (String message : List.of("Abort", "Resume", "Stop", "nothing", "")) {
        caller
            .post(user, "/engine-rest/message", "{\"messageName\":\"" + message + "\"}")
            .is(status);
      }
      caller
          .post(
              user,
              "/engine-rest/message",
              "{\"messageName\":\"Start web-test\",\"processInstanceId\":\"" + phase + "\"}")
          .is(status);
      caller
          .post(
              user, "/engine-rest/execution/" + phase + "/messageSubscriptions/Abort/trigger", "{}")
          .is(403);
      assertThat(caller.openTask(run)).isNotBlank();
    } finally {
      caller.end(run);
    }
  }

  private Answer send(String user, String method, String path, String body) {
    return caller.send(
        user,
        HttpRequest.newBuilder(caller.uri(path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body)));
  }
}
