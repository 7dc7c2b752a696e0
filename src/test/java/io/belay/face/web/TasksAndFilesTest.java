package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.face.web.Caller.Answer;
import io.belay.model.GateVerification;
import java.net.http.HttpRequest;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;

/** One run that waits for its approver, and everything that does not move it. */
@WebTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TasksAndFilesTest {

  private static final String GO =
      "{\"values\":{\"decision\":\"go\",\"reason\":\"all is well\",\"looked\":true}}";

  @Autowired Caller caller;
  private String run;
  private String task;

  @BeforeAll
  void start() {
    run =
        caller
            .post(
                "omar",
                "/api/runs",
                "{\"runbook\":\"web-test\",\"parameters\":{\"environment\":\"other\"}}")
            .is(201)
            .body()
            .path("id")
            .asText();
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    task = caller.openTask(run);
  }

  @AfterAll
  void end() {
    caller.end(run);
  }

  @Test
  void starter_cannotApproveEvenAsApprover() {
    assertThat(complete("omar", GO).is(403).text()).contains("four eyes");
  }

  @Test
  void missingDecision_isRefusedByField() {
    JsonNode problems = complete("anna", "{\"values\":{}}").is(422).body().path("problems");
    assertThat(problems.toString()).contains("decision");
  }

  @Test
  void unknownDecision_isRefused() {
    assertThat(complete("anna", GO.replace("\"go\"", "\"maybe\"")).is(422).text())
        .contains("decision: must be one of [go, no-go]");
  }

  @Test
  void unknownValue_doesNotBecomeAVariableOfTheRun() {
    assertThat(
            complete("anna", "{\"values\":{\"decision\":\"go\",\"outcome\":\"passed\"}}")
                .is(422)
                .text())
        .contains("outcome");
  }

  @Test
  void evidence_saysWhatWasDoneAndDecided_inTheModelsWords() {
    JsonNode form = caller.get("anna", "/api/tasks?run=" + run).is(200).body().at("/0/form");
    String evidence =
        StreamSupport.stream(form.path("elements").spliterator(), false)
            .filter(element -> element.path("key").asText().equals("evidence"))
            .findFirst()
            .orElseThrow()
            .path("value")
            .asText();
    assertThat(evidence)
        .startsWith("Counting: passed, after ")
        .contains("report of 1 B, SHA-256 ")
        .contains(": PASS, ", "P95 latency (ms) 120")
        .doesNotContain("Task_", "RESULT", run);
  }

  @Test
  void answerWithAListOrAnObject_isRefused_namingTheField() {
    assertThat(
            complete("anna", "{\"values\":{\"decision\":[\"go\"],\"looked\":{\"a\":true}}}")
                .is(422)
                .text())
        .contains("decision: must be one value, not a list or an object", "looked: must be one");
  }

  @Test
  void evidence_cannotBeChanged() {
    assertThat(
            complete("anna", "{\"values\":{\"decision\":\"go\",\"evidence\":\"all well\"}}")
                .is(422)
                .text())
        .contains("evidence: is unknown; known are");
  }

  @Test
  void valuesOfAnotherShape_areABadRequest() {
    assertThat(complete("anna", "{\"values\":[]}").is(400).text())
        .contains("values: has the wrong type, or appears twice");
    assertThat(complete("anna", "{\"value\":{}}").is(400).text())
        .contains("value: is not known here");
  }

  @Test
  void unknownTask_isAConflict() {
    assertThat(caller.post("anna", "/api/tasks/nothing/complete", GO).is(409).text())
        .contains("task 'nothing' is not open, or not for anna");
  }

  @Test
  void tasksOfAnUnknownRun_areNotFound() {
    assertThat(caller.get("anna", "/api/tasks?run=nothing").is(404).text())
        .contains("There is no run 'nothing'.");
  }

  @Test
  void artifact_isDownloadedAsItLiesOnDisk() {
    JsonNode listed = caller.get("vera", "/api/runs/" + run + "/artifacts").is(200).body().path(0);
    assertThat(listed.path("name").asText()).isEqualTo("count.txt");
    Answer file = caller.get("omar", "/api/runs/" + run + "/artifacts/count.txt").is(200);
    assertThat(file.text()).isEqualTo("3");
    assertThat(file.raw().headers().firstValue("Content-Disposition").orElse(""))
        .startsWith("attachment");
  }

  @Test
  void pathsOutOfTheRunsDirectory_leadNowhere() {
    for (String name :
        new String[] {
          "..%2F..%2Fpom.xml",
          "%2e%2e%2f%2e%2e%2fpom.xml",
          "..",
          "%2e%2e",
          "..%5c..%5cpom.xml",
          "count.txt.manifest.json",
          ".lock",
          "%2Fetc%2Fpasswd",
          "count.txt%00"
        }) {
      Answer answer = caller.get("adam", "/api/runs/" + run + "/artifacts/" + name);
      assertThat(answer.status()).as(name).isIn(400, 404);
      assertThat(answer.text()).doesNotContain("<project", "root:");
    }
  }

  @Test
  void reasonWithMarkup_isTextOnThePage() {
    String name = "/runs/" + run + "/report";
    assertThat(caller.get("vera", name).is(200).text())
        .contains("intact")
        .doesNotContain("<script>alert");
  }

  @Test
  void report_isJsonOrHtmlAsAsked() {
    String path = "/api/runs/" + run + "/report";
    Answer json = caller.get("vera", path).is(200);
    assertThat(json.body().at("/run/id").asText()).isEqualTo(run);
    assertThat(json.body().at("/journal/intact").asBoolean()).isTrue();
    assertThat(json.body().at("/artifacts/0/sha256").asText()).hasSize(64);
    Answer html =
        caller.send(
            "vera", HttpRequest.newBuilder(caller.uri(path)).header("Accept", "text/html,*/*"));
    assertThat(html.is(200).type()).startsWith("text/html");
    assertThat(json.body().at("/run/phases/0/estimate").toString())
        .isEqualTo("[\"PT2S\",\"PT10S\"]");
    assertThat(json.body().at("/run/phases/0/end").asText()).isNotEmpty();
    assertThat(html.text()).contains("estimate</th>", "2 s – 10 s");
    caller.get("vera", path + "?format=pdf").is(400);
    assertThat(GateVerification.verify(json.body(), System.out)).isZero();
  }

  @Test
  void reportAsAFile_needsNothingElse() {
    String page = "/runs/" + run + "/report";
    assertThat(caller.get("vera", page).is(200).text()).contains("belay.css", "Log out");
    String file = caller.get("vera", "/api" + page + "?format=html").is(200).text();
    assertThat(file).contains("<style>", ".badge", "intact");
    assertThat(file).doesNotContain("href=", "src=", "Log out");
  }

  @Test
  void journal_isIntact() {
    assertThat(caller.get("vera", "/api/journal/check").is(200).body().path("intact").asBoolean())
        .isTrue();
  }

  @Test
  void thresholds_comeFromTheTable() {
    String definition =
        caller.get("vera", "/api/runbooks/web-test").is(200).body().path("definitionId").asText();
    JsonNode limits =
        caller.get("vera", "/api/models/" + definition + "/thresholds").is(200).body();
    assertThat(limits.path("counting-gate").toString()).contains("p95Ms").contains("200.0");
  }

  @Test
  void model_isXmlAndUnknownOnesAreNotFound() {
    assertThat(caller.get("vera", "/api/runbooks/web-test/model").is(200).text())
        .contains("Phase_Counting");
    caller.get("vera", "/api/runbooks/nothing/model").is(404);
    caller.get("vera", "/api/models/nothing:1:2").is(404);
    caller.get("vera", "/api/models/nothing/thresholds").is(404);
  }

  @Test
  void plan_tellsWhatEachStepWouldDo() {
    JsonNode plan =
        caller.get("vera", "/api/runbooks/web-test/plan?environment=other&count=7").is(200).body();
    assertThat(plan.at("/phases/0/tasks/0/plan/summary").asText()).isEqualTo("Would count to 7");
    assertThat(plan.path("problems").toString()).contains("is held by run");
    caller.get("vera", "/api/runbooks/web-test/plan?environment=nowhere").is(422);
    caller.get("vera", "/api/runbooks/web-test/plan?environment=other&count=1&count=2").is(422);
    caller.get("vera", "/api/runbooks/web-test/plan").is(422);
    caller.get("vera", "/api/runbooks/nothing/plan").is(404);
  }

  private Answer complete(String user, String body) {
    return caller.post(user, "/api/tasks/" + task + "/complete", body);
  }
}
