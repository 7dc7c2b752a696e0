package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.face.web.Caller.Answer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.identity.User;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** Who gets where: nobody without login, and everybody only as far as the least that he needs. */
@WebTest
class EngineAccessTest {

  private static final String START = "/engine-rest/process-definition/key/web-test/start";

  @Autowired Caller caller;
  @Autowired ObjectMapper json;
  @Autowired IdentityService identity;

  // ------------------------------------------------------------------ without login

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/engine-rest/engine",
        "/engine-rest/process-definition",
        "/engine-rest/engine/default/process-definition",
        "/engine-rest/history/process-instance",
        "/engine-rest/user",
        "/engine-rest/version",
        "/actuator",
        "/actuator/prometheus",
        "/actuator/env",
        "/actuator/heapdump",
        "/actuator/loggers",
        "/api/runs",
        "/api/runs/x/journal",
        "/api/runbooks",
        "/api/openapi",
        "/api/docs",
        "/api/no-such-path"
      })
  void interface_asksForALogin(String path) {
    Answer refused = caller.get(null, path).is(401);
    assertThat(refused.body().path("detail").asText()).contains("Log in");
    assertThat(refused.raw().headers().allValues("WWW-Authenticate"))
        .as("a browser must not learn to send a password by itself")
        .containsExactly("Bearer realm=\"Belay\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/runs/x",
        "/runbooks/web-test",
        "/camunda",
        "/camunda/app/cockpit/default/",
        "/camunda/app/tasklist/default/",
        "/camunda/app/admin/default/",
        "/camunda/app/welcome/default/",
        "/camunda/api/engine/engine/default/process-definition",
        "/camunda/api/admin/auth/user/default",
        "/camunda/api/cockpit/plugin/base/default/process-definition/statistics",
        "/no-such-page"
      })
  void page_leadsToTheLogin(String path) {
    Answer redirected = caller.get(null, path);
    assertThat(redirected.status()).isIn(302, 401);
    if (redirected.status() == 302) {
      assertThat(redirected.raw().headers().firstValue("Location").orElseThrow())
          .endsWith("/login");
    }
    assertThat(redirected.text()).doesNotContain("web-test");
  }

  @ParameterizedTest
  @CsvSource({
    "walter, wrong",
    "walter, ''",
    "nobody, nobody",
    "'', ''",
    "walter' OR '1'='1, x",
  })
  void wrongPassword_isRefused(String user, String password) throws Exception {
    createWalter();
    String credentials =
        Base64.getEncoder()
            .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    for (String path : new String[] {"/engine-rest/process-definition", "/api/runs"}) {
      HttpResponse<String> refused =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(caller.uri(path))
                      .header("Authorization", "Basic " + credentials)
                      .build(),
                  BodyHandlers.ofString());
      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(refused.body()).doesNotContain("web-test");
    }
  }

  @Test
  void health_isOpenAndBare() {
    Answer health = caller.get(null, "/actuator/health");
    assertThat(health.status()).isEqualTo(200);
    assertThat(health.body().path("status").asText()).isEqualTo("UP");
    assertThat(health.body().has("components")).isFalse();
    assertThat(health.text()).doesNotContain("db", "jdbc", "diskSpace");
    assertThat(caller.get(null, "/actuator/health/liveness").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"env", "configprops", "heapdump", "beans", "loggers", "threaddump"})
  void actuator_tellsNothingMore_notEvenToAdministrators(String endpoint) {
    assertThat(caller.get("adam", "/actuator/" + endpoint).status()).isEqualTo(404);
  }

  // ------------------------------------------------------------------ roles at the engine

  @ParameterizedTest
  @CsvSource({"vera, 403", "anna, 403"})
  void whoMayNotStart_doesNot(String user, int status) {
    String parameters = "{\"variables\":{\"environment\":{\"value\":\"test\"}}}";
    assertThat(caller.post(user, START, parameters).status()).isEqualTo(status);
    assertThat(
            caller
                .post(
                    user,
                    "/engine-rest/message",
                    "{\"messageName\":\"Start web-test\",\"processVariables\":{\"environment\":{\"value\":\"test\"}}}")
                .status())
        .isIn(403, 400);
    assertThat(
            caller
                .get(user, "/engine-rest/process-instance/count?processDefinitionKey=web-test")
                .body()
                .path("count")
                .asInt())
        .isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"olga", "adam"})
  void whoMayStart_does(String user) {
    Answer started =
        caller.post(user, START, "{\"variables\":{\"environment\":{\"value\":\"test\"}}}");
    assertThat(started.status()).as(started.text()).isEqualTo(200);
    caller.end(started.body().path("id").asText());
  }

  @ParameterizedTest
  @ValueSource(strings = {"vera", "olga", "anna", "adam"})
  void everyoneKnown_sees(String user) {
    assertThat(caller.get(user, "/engine-rest/process-definition").text()).contains("web-test");
    assertThat(caller.get(user, "/engine-rest/deployment").body()).isNotEmpty();
    assertThat(caller.post(user, "/engine-rest/history/process-instance", "{}").status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vera", "olga", "anna"})
  void onlyAdministrators_intervene(String user) {
    String run = caller.startUntilDecision();
    String instance = "/engine-rest/process-instance/" + run;
    String task = caller.openTask(run);
    try {
      refused(
          user,
          "POST",
          instance + "/modification",
          "{\"instructions\":[{\"type\":\"cancel\",\"activityId\":\"Phase_Deciding\"}]}");
      refused(user, "PUT", instance + "/variables/decidingOutcome", "{\"value\":\"passed\"}");
      refused(user, "POST", instance + "/variables", "{\"modifications\":{}}");
      refused(user, "PUT", instance + "/suspended", "{\"suspended\":true}");
      refused(user, "DELETE", instance, "");
      refused(user, "POST", "/engine-rest/process-instance/delete", "{}");
      refused(user, "POST", "/engine-rest/modification/execute", "{}");
      refused(user, "POST", "/engine-rest/migration/execute", "{}");
      refused(user, "POST", "/engine-rest/engine/default/modification/execute", "{}");
      refused(user, "POST", "/camunda/api/engine/engine/default/modification/execute", "{}");
      refused(
          user,
          "POST",
          "/engine-rest/external-task/fetchAndLock",
          "{\"workerId\":\"me\",\"maxTasks\":1,\"topics\":[]}");
      refused(user, "POST", "/engine-rest/external-task/x/complete", "{\"workerId\":\"me\"}");
      refused(user, "POST", "/engine-rest/external-task/x/bpmnError", "{}");
      refused(user, "POST", "/engine-rest/job/x/execute", "");
      refused(user, "POST", "/engine-rest/signal", "{\"name\":\"x\"}");
      refused(user, "POST", "/engine-rest/deployment/create", "");
      refused(user, "POST", "/engine-rest/user/create", "{}");
      refused(user, "PUT", "/engine-rest/group/administrator/members/" + user, "");
      refused(user, "POST", "/engine-rest/authorization/create", "{}");
      refused(user, "POST", "/engine-rest/task/" + task + "/identity-links/delete", "{}");
      refused(user, "PUT", "/engine-rest/task/" + task + "/variables/decision", "{}");
      refused(user, "DELETE", "/engine-rest/task/" + task, "");
    } finally {
      caller.end(run);
    }
  }

  @Test
  void operator_doesNotDecide() {
    String run = caller.startUntilDecision();
    try {
      String task = caller.openTask(run);
      Answer refused =
          caller.post(
              "olga",
              "/engine-rest/task/" + task + "/complete",
              "{\"variables\":{\"decision\":{\"value\":\"go\"}}}");
      assertThat(refused.status()).isBetween(400, 404);
      assertThat(caller.openTask(run)).isEqualTo(task);
    } finally {
      caller.end(run);
    }
  }

  private void refused(String user, String method, String path, String body) {
    Answer answer =
        caller.send(
            user,
            HttpRequest.newBuilder(caller.uri(path))
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body)));
    assertThat(answer.status()).as(method + " " + path + ": " + answer.text()).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"assigneeExpression\":\"${''.concat('evaluated')}\"}",
        "{\"orQueries\":[{\"assigneeExpression\":\"${''.concat('evaluated')}\"}]}",
        "{\"orQueries\":[{\"assigneeExpression\":\"${1 + 1}\"}]}"
      })
  void expressionInAQuery_isRefused_howeverDeeplyNested(String query) {
    for (String path : new String[] {"/engine-rest/task", "/engine-rest/task/count"}) {
      Answer refused = caller.post("vera", path, query);
      assertThat(refused.status()).as(refused.text()).isBetween(400, 403);
    }
  }

  // ------------------------------------------------------------------ sessions

  @Test
  void oneLogin_opensPagesAndCockpit_andLogoutEndsBoth() throws Exception {
    Session session = new Session(caller);
    createWalter();
    assertThat(session.login("walter", "wrong").headers().firstValue("Location").orElseThrow())
        .contains("error");
    assertThat(session.get("/").statusCode()).isEqualTo(302);

    assertThat(session.login("olga", "olga").headers().firstValue("Location").orElseThrow())
        .doesNotContain("error");
    assertThat(session.get("/").statusCode()).isEqualTo(200);
    HttpResponse<String> cockpit = session.get("/camunda/app/cockpit/default/");
    assertThat(cockpit.statusCode()).as("%s", cockpit.headers().map()).isEqualTo(200);
    JsonNode user = json.readTree(session.get("/camunda/api/admin/auth/user/default").body());
    assertThat(user.path("userId").asText()).isEqualTo("olga");
    assertThat(user.path("authorizedApps").toString()).contains("cockpit", "tasklist");
    assertThat(user.path("authorizedApps").toString()).doesNotContain("admin");
    HttpResponse<String> definitions =
        session.get("/camunda/api/engine/engine/default/process-definition?key=web-test");
    assertThat(definitions.statusCode()).isEqualTo(200);
    assertThat(definitions.body()).contains("web-test");

    session.post("/logout", true);
    assertThat(session.get("/").statusCode()).isEqualTo(302);
    assertThat(session.get("/camunda/api/engine/engine/default/process-definition").body())
        .doesNotContain("web-test");
  }

  @Test
  void login_leadsToThePageThatWasWanted_neverToAPartThatAPageFetched() throws Exception {
    Session session = new Session(caller);
    assertThat(session.get("/runbooks", "text/html,application/xhtml+xml").statusCode())
        .isEqualTo(302);
    session.get("/fragments/runs", "*/*"); // as a page that was left open does
    assertThat(session.login("olga", "olga").headers().firstValue("Location").orElseThrow())
        .contains("/runbooks")
        .doesNotContain("fragments");
  }

  @Test
  void sessionWithoutTheToken_changesNothing() throws Exception {
    Session session = new Session(caller);
    session.login("olga", "olga");
    HttpResponse<String> forged = session.post("/api/runs/x/retry", false);
    assertThat(forged.statusCode()).isEqualTo(403);
    assertThat(forged.body()).contains("X-BELAY-XSRF");
    assertThat(session.post("/logout", false).statusCode()).isEqualTo(403);
    assertThat(session.post("/api/runs/x/retry", true).statusCode()).isEqualTo(404);
  }

  @Test
  void sessionOfBelay_isNoneAtTheEnginesInterface() throws Exception {
    Session session = new Session(caller);
    session.login("olga", "olga");
    assertThat(session.get("/engine-rest/process-definition").statusCode()).isEqualTo(401);
  }

  /** The engine makes a user wait after a wrong password; so this is nobody else's user. */
  private void createWalter() {
    if (identity.createUserQuery().userId("walter").count() == 0) {
      User walter = identity.newUser("walter");
      walter.setPassword("walter");
      identity.saveUser(walter);
      identity.createMembership("walter", "viewer");
    }
  }
}
