package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.face.web.Caller.Answer;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

@WebTest
class RunsApiTest {

  @Autowired Caller caller;

  @Test
  void run_startsWaitsForTheApproverAndCompletes() {
    Answer started =
        caller
            .post(
                "olga",
                "/api/runs",
                "{\"runbook\":\"web-test\",\"name\":\"spring move\",\"parameters\":{\"environment\":\"test\"}}")
            .is(201);
    String run = started.body().path("id").asText();
    assertThat(started.raw().headers().firstValue("Location")).hasValue("/api/runs/" + run);
    assertThat(started.body().path("name").asText()).isEqualTo("spring move");
    assertThat(started.body().path("startedBy").asText()).isEqualTo("olga");

    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    JsonNode task = caller.get("anna", "/api/tasks?run=" + run).is(200).body().path(0);
    assertThat(task.at("/form/elements/1/value").asText())
        .contains("Counting: passed", "report of 1 B");
    caller
        .post(
            "anna",
            "/api/tasks/" + task.at("/task/id").asText() + "/complete",
            "{\"values\":{\"decision\":\"go\",\"reason\":\"all is well\",\"looked\":true}}")
        .is(204);

    JsonNode view = caller.awaitStatus(run, "COMPLETED");
    assertThat(view.path("phases")).hasSize(2);
    assertThat(view.at("/gates/0/verdict").asText()).isEqualTo("PASS");
    assertThat(view.at("/parameters/count").asInt()).isEqualTo(3);
    assertThat(caller.get("vera", "/api/runs/" + run + "/activities").is(200).body())
        .anyMatch(activity -> activity.path("activityId").asText().equals("End_Completed"));
    assertThat(caller.get("vera", "/api/runs/" + run + "/samples").is(200).body()).hasSize(6);
    assertThat(caller.get("vera", "/api/runs?limit=1").is(200).body()).hasSize(1);
  }

  @Test
  void abort_takesTheRunBackAndWritesDownWhy() {
    String run = caller.start("\"count\":1000,\"pause\":\"PT0.05S\"");
    caller.awaitStatus(run, "RUNNING");
    await().until(() -> !caller.get("vera", "/api/runs/" + run).body().path("working").isEmpty());

    caller.post("olga", "/api/runs/" + run + "/abort", "{\"reason\":\"wrong day\"}").is(200);

    JsonNode view = caller.awaitStatus(run, "ROLLED_BACK");
    assertThat(view.path("reason").asText()).contains("olga").contains("wrong day");
    caller.post("olga", "/api/runs/" + run + "/abort", "{\"reason\":\"again\"}").is(409);
    caller.post("olga", "/api/runs/" + run + "/retry", "").is(409);
  }

  @Test
  void failedStep_isAnIncidentThatCanBeTakenOver() {
    String run = caller.start("\"fail\":true");
    JsonNode view = caller.awaitStatus(run, "INCIDENT");
    assertThat(view.at("/incidents/0/activityId").asText()).isEqualTo("Task_Count");

    caller
        .post(
            "olga",
            "/api/runs/" + run + "/override",
            "{\"activityId\":\"Task_Other\",\"reason\":\"did it by hand\"}")
        .is(409);
    caller.post("olga", "/api/runs/" + run + "/retry", "").is(200);
    caller.awaitStatus(run, "INCIDENT");
    caller
        .post(
            "olga",
            "/api/runs/" + run + "/override",
            "{\"activityId\":\"Task_Count\",\"reason\":\"did it by hand\"}")
        .is(200);
    // The gate misses its numbers: it does not pass.
    caller.awaitStatus(run, "ROLLED_BACK", "INCIDENT", "TAKEN_OVER");
    caller.end(run);
  }

  @Test
  void heldTarget_isAConflictThatNamesTheRun() {
    String run = caller.startUntilDecision();
    try {
      Answer refused =
          caller
              .post(
                  "olga",
                  "/api/runs",
                  "{\"runbook\":\"web-test\",\"parameters\":{\"environment\":\"test\"}}")
              .is(409);
      assertThat(refused.body().path("detail").asText()).contains(run);
    } finally {
      caller.end(run);
    }
  }

  @Test
  void startWithAnIdempotencyKey_startsOneRun_howeverOftenItIsAsked() {
    String body =
        "{\"runbook\":\"web-test\",\"name\":\"Umzug für Łódź Якутск 東京\","
            + "\"parameters\":{\"environment\":\"test\"}}";
    Answer first = startWithKey("olga", "key 1", body).is(201);
    String run = first.body().path("id").asText();
    try {
      assertThat(first.body().path("name").asText()).isEqualTo("Umzug für Łódź Якутск 東京");
      assertThat(startWithKey("olga", "key 1", body).is(201).body().path("id").asText())
          .isEqualTo(run);
      assertThat(startWithKey("olga", "key 1", body.replace("Umzug", "Move")).is(409).text())
          .contains("used for another start");
      startWithKey("olga", "key 2", body).is(409);
      startWithKey("olga", "", body).is(422);
    } finally {
      caller.end(run);
    }
    assertThat(startWithKey("olga", "key 1", body).is(201).body().path("id").asText())
        .as("also after the run's end")
        .isEqualTo(run);
  }

  private Answer startWithKey(String user, String key, String body) {
    return caller.send(
        user,
        HttpRequest.newBuilder(caller.uri("/api/runs"))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", key)
            .POST(BodyPublishers.ofString(body)));
  }

  @Test
  void wrongParameters_areAllNamed() {
    Answer refused =
        caller
            .post(
                "olga",
                "/api/runs",
                """
                {"runbook":"web-test","parameters":{"environment":"test","count":"many",
                 "weights":"50,25","pause":"-PT1S","strategy":"wild","fail":"perhaps","typo":1}}
                """)
            .is(422);
    assertThat(
            StreamSupport.stream(refused.body().path("problems").spliterator(), false)
                .map(problem -> problem.path("field").asText()))
        .containsExactlyInAnyOrder("count", "weights", "pause", "strategy", "fail", "typo");
  }

  @Test
  void weightsOverOneHundred_areRefused() {
    assertThat(refusal("\"weights\":\"50,101\"")).contains("from 0 to 100");
  }

  @Test
  void unknownEnvironment_isRefused() {
    assertThat(
            caller
                .post(
                    "olga",
                    "/api/runs",
                    "{\"runbook\":\"web-test\",\"parameters\":{\"environment\":\"nowhere\"}}")
                .is(422)
                .text())
        .contains("nowhere");
  }

  @Test
  void invalidEnvironment_isRefused_andShownWithItsMistakes() {
    assertThat(
            caller
                .post(
                    "olga",
                    "/api/runs",
                    "{\"runbook\":\"web-test\",\"parameters\":{\"environment\":\"broken\"}}")
                .is(422)
                .text())
        .contains("targets.cache.host: must not be blank");
    caller.get("vera", "/api/runbooks/web-test/plan?environment=broken").is(422);

    JsonNode environments = caller.get("vera", "/api/environments").is(200).body();
    assertThat(environments.findValuesAsText("name"))
        .containsExactly("broken", "lacking", "other", "store", "test");
    assertThat(environments.at("/0/valid").asBoolean()).isFalse();
    assertThat(environments.at("/0/problems").findValuesAsText("key"))
        .containsExactlyInAnyOrder("targets.cache.host", "targets.cache.port");
    assertThat(environments.at("/4/valid").asBoolean()).isTrue();
    assertThat(environments.at("/4/problems")).isEmpty();

    for (String page : new String[] {"/", "/runbooks/web-test"}) {
      assertThat(caller.get("vera", page).is(200).text())
          .contains("broken.yml</code> is not valid", "targets.cache.host: must not be blank");
    }
    assertThat(caller.get("vera", "/runbooks/web-test").text())
        .contains("disabled=\"disabled\">broken (not valid)</option>");
  }

  @Test
  void missingEnvironment_isRefused() {
    assertThat(caller.post("olga", "/api/runs", "{\"runbook\":\"web-test\"}").is(422).text())
        .contains("environment")
        .contains("is required");
  }

  @Test
  void nameWithControlCharacters_isRefused() {
    assertThat(
            caller
                .post(
                    "olga",
                    "/api/runs",
                    "{\"runbook\":\"web-test\",\"name\":\"a\\nb\",\"parameters\":{\"environment\":\"test\"}}")
                .is(422)
                .text())
        .contains("name");
  }

  @Test
  void unknownRunbook_isNotFound() {
    assertThat(detail(caller.post("olga", "/api/runs", "{\"runbook\":\"nothing\"}").is(404)))
        .isEqualTo("There is no runbook 'nothing'.");
  }

  @Test
  void phase_isNoRunbook() {
    assertThat(detail(caller.post("olga", "/api/runs", "{\"runbook\":\"counting\"}").is(404)))
        .isEqualTo("There is no runbook 'counting'.");
  }

  @Test
  void missingRunbook_isABadRequest() {
    Answer refused = caller.post("olga", "/api/runs", "{}").is(400);
    assertThat(refused.body().at("/problems/0/field").asText()).isEqualTo("runbook");
  }

  @Test
  void unknownField_isABadRequest() {
    assertThat(caller.post("olga", "/api/runs", "{\"runbok\":\"web-test\"}").is(400).text())
        .contains("runbok");
  }

  @Test
  void fieldGivenTwice_isABadRequest() {
    assertThat(
            detail(
                caller
                    .post("olga", "/api/runs", "{\"runbook\":\"a\",\"runbook\":\"web-test\"}")
                    .is(400)))
        .isEqualTo("The request is not valid: runbook: appears twice");
  }

  @Test
  void wrongType_isABadRequest() {
    for (String body :
        new String[] {
          "{\"runbook\":5}",
          "{\"runbook\":[\"web-test\"]}",
          "{\"runbook\":\"web-test\",\"parameters\":[]}"
        }) {
      assertThat(detail(caller.post("olga", "/api/runs", body).is(400)))
          .as(body)
          .matches(
              "The request is not valid: (runbook|parameters): has the wrong type, or appears twice");
    }
    for (String body : new String[] {"[]", "null", "5", "\"web-test\""}) {
      assertThat(detail(caller.post("olga", "/api/runs", body).is(400)))
          .as(body)
          .startsWith("The body is ");
    }
  }

  @Test
  void nestedParameter_isRefused() {
    assertThat(
            detail(
                caller
                    .post(
                        "olga",
                        "/api/runs",
                        "{\"runbook\":\"web-test\",\"parameters\":{\"environment\":{\"a\":1},\"count\":[1]}}")
                    .is(422)))
        .contains("environment: must be a text")
        .contains("count: must be a number");
  }

  @Test
  void brokenJson_isABadRequest() {
    assertThat(detail(caller.post("olga", "/api/runs", "{\"runbook\":").is(400)))
        .isEqualTo("The body is not valid JSON of the expected shape.");
    assertThat(detail(caller.post("olga", "/api/runs", "").is(400)))
        .isEqualTo("The body is missing or cannot be read.");
  }

  @Test
  void wrongContentType_isRefused() {
    for (String type :
        new String[] {"text/plain", "application/xml", "application/x-www-form-urlencoded"}) {
      assertThat(
              detail(
                  caller
                      .send(
                          "olga",
                          HttpRequest.newBuilder(caller.uri("/api/runs"))
                              .header("Content-Type", type)
                              .POST(BodyPublishers.ofString("{}")))
                      .is(415)))
          .contains(type)
          .contains("is not supported");
    }
  }

  @Test
  void wrongMethod_isRefused() {
    assertThat(
            detail(
                caller
                    .send("olga", HttpRequest.newBuilder(caller.uri("/api/runs")).DELETE())
                    .is(405)))
        .contains("DELETE")
        .contains("is not supported");
  }

  @Test
  void oversizedBody_isRefusedWhetherItSaysSoOrNot() {
    String large = "{\"runbook\":\"" + "x".repeat(300_000) + "\"}";
    assertThat(detail(caller.post("olga", "/api/runs", large).is(413)))
        .isEqualTo("The body has more than 262144 bytes.");
    assertThat(
            detail(
                caller
                    .send(
                        "olga",
                        HttpRequest.newBuilder(caller.uri("/api/runs"))
                            .header("Content-Type", "application/json")
                            .POST(
                                BodyPublishers.ofInputStream(
                                    () -> new java.io.ByteArrayInputStream(large.getBytes()))))
                    .is(413)))
        .isEqualTo("The body has more than 262144 bytes.");
  }

  @Test
  void abortWithoutReason_isABadRequest() {
    String run = caller.startUntilDecision();
    try {
      String path = "/api/runs/" + run + "/abort";
      for (String body : new String[] {"{}", "{\"reason\":\"  \"}"}) {
        assertThat(detail(caller.post("olga", path, body).is(400)))
            .isEqualTo("The request is not valid: reason: is required");
      }
      assertThat(detail(caller.post("olga", path, "{\"reason\":\"a\\u0000b\"}").is(400)))
          .isEqualTo("The request is not valid: reason: must not have control characters");
      assertThat(
              detail(caller.post("olga", path, "{\"reason\":\"" + "x".repeat(501) + "\"}").is(400)))
          .isEqualTo("The request is not valid: reason: must have at most 500 characters");
      assertThat(caller.get("vera", "/api/runs/" + run).body().path("status").asText())
          .isEqualTo("WAITING_FOR_PERSON");
    } finally {
      caller.end(run);
    }
  }

  @Test
  void unknownRun_isNotFoundEverywhere() {
    for (String path :
        new String[] {
          "",
          "/activities",
          "/journal",
          "/samples",
          "/events",
          "/artifacts",
          "/artifacts/x",
          "/report?format=json"
        }) {
      assertThat(detail(caller.get("olga", "/api/runs/nothing" + path).is(404)))
          .isEqualTo("There is no run 'nothing'.");
    }
    for (String act : new String[] {"/abort", "/override", "/retry"}) {
      assertThat(
              detail(
                  caller
                      .post(
                          "olga",
                          "/api/runs/nothing" + act,
                          act.equals("/override")
                              ? "{\"activityId\":\"a\",\"reason\":\"because\"}"
                              : act.equals("/abort") ? "{\"reason\":\"because\"}" : "")
                      .is(404)))
          .isEqualTo("There is no run 'nothing'.");
    }
  }

  @Test
  void wrongPaging_isABadRequest() {
    for (String query :
        new String[] {"limit=0", "limit=501", "limit=x", "offset=-1", "offset=99999999999"}) {
      assertThat(detail(caller.get("vera", "/api/runs?" + query).is(400)))
          .as(query)
          .contains(query.split("=")[0]);
    }
  }

  private static String detail(Answer refused) {
    return refused.body().path("detail").asText();
  }

  private String refusal(String parameters) {
    return caller
        .post(
            "olga",
            "/api/runs",
            "{\"runbook\":\"web-test\",\"parameters\":{\"environment\":\"test\",%s}}"
                .formatted(parameters))
        .is(422)
        .text();
  }
}
