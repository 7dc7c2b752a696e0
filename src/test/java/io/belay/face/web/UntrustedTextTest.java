package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.face.web.Caller.Answer;
import java.net.http.HttpRequest;
import java.time.Duration;
import org.camunda.bpm.engine.RuntimeService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * What people give is text, wherever it comes to stand: never evaluated, never markup, and never a
 * second line, header or event.
 */
@WebTest
class UntrustedTextTest {

  private static final String EXPRESSIONS =
      "${7*7} #{7*7} ${countSlowly} *{7*7} {{7*7}} __${7*7}__";
  private static final String MARKUP = "<script>alert(1)</script>";

  @Autowired Caller caller;
  @Autowired RuntimeService runtime;
  private String run;

  @BeforeEach
  void start() {
    run = caller.startUntilDecision();
  }

  @AfterEach
  void end() {
    caller.end(run);
  }

  private void isKeptAsText(String text) {
    assertThat(caller.get("vera", "/api/runs/" + run + "/journal").is(200).text()).contains(text);
    Answer page = caller.get("vera", "/runs/" + run + "/report").is(200);
    assertThat(page.text())
        .contains("${7*7} #{7*7}")
        .contains("&lt;script&gt;alert(1)")
        .doesNotContain(MARKUP)
        .doesNotContain(" 49 ");
  }

  @Test
  void reasonOfAnAbort_isText() {
    String reason = EXPRESSIONS + " " + MARKUP;
    caller.post("olga", "/api/runs/" + run + "/abort", "{\"reason\":\"" + reason + "\"}").is(200);
    JsonNode view = caller.awaitStatus(run, "ROLLED_BACK");
    assertThat(view.path("reason").asText()).isEqualTo("aborted by olga: " + reason);
    isKeptAsText(reason);
    assertThat(caller.get("vera", "/runs/" + run).is(200).text())
        .contains("${7*7} #{7*7}")
        .doesNotContain(MARKUP);
  }

  @Test
  void answerOfATask_isText() {
    String reason = EXPRESSIONS + " " + MARKUP;
    caller
        .post(
            "anna",
            "/api/tasks/" + caller.openTask(run) + "/complete",
            "{\"values\":{\"decision\":\"no-go\",\"reason\":\"%s\",\"looked\":true}}"
                .formatted(reason))
        .is(204);
    caller.awaitStatus(run, "ROLLED_BACK");
    isKeptAsText(reason);
  }

  @Test
  void nameAndParameters_takeNoExpression() {
    assertThat(refused("\"name\":\"${7*7}\",\"parameters\":{\"environment\":\"other\"}"))
        .contains("name: must be 1 to 100 letters");
    assertThat(refused("\"parameters\":{\"environment\":\"${7*7}\"}"))
        .contains("environment: must match");
    assertThat(refused("\"parameters\":{\"environment\":\"other\",\"count\":\"${7*7}\"}"))
        .contains("count: must be a number");
    assertThat(refused("\"parameters\":{\"environment\":\"other\",\"strategy\":\"#{7*7}\"}"))
        .contains("strategy: must be one of [slow, fast]");
  }

  private String refused(String start) {
    return caller
        .post("olga", "/api/runs", "{\"runbook\":\"web-test\"," + start + "}")
        .is(422)
        .body()
        .path("detail")
        .asText();
  }

  @Test
  void lineBreakInAReason_isRefused() {
    for (String path : new String[] {"/abort", "/override"}) {
      String body = "{\"activityId\":\"a\",\"reason\":\"a\\r\\nb\"}";
      assertThat(
              caller
                  .post(
                      "olga",
                      "/api/runs/" + run + path,
                      path.equals("/override") ? body : "{\"reason\":\"a\\r\\nb\"}")
                  .is(400)
                  .body()
                  .path("detail")
                  .asText())
          .isEqualTo("The request is not valid: reason: must not have control characters");
    }
  }

  /** The engine's own message knows no such rule; a model or a program may send it. */
  @Test
  void lineBreakInTheEnginesMessage_forgesNoEventAndNoEntry() throws Exception {
    String phase =
        caller.get("vera", "/api/runs/" + run).is(200).body().at("/tasks/0/instanceId").asText();
    runtime
        .createMessageCorrelation("Abort")
        .processInstanceId(phase)
        .setVariable("reason", "a\r\n\r\nevent: end\r\ndata: forged\u2028b")
        .correlate();
    caller.awaitStatus(run, "ROLLED_BACK");

    for (JsonNode entry : caller.get("vera", "/api/runs/" + run + "/journal").is(200).body()) {
      assertThat(entry.path("text").asText()).doesNotContainPattern("[\\r\\n\\u2028]");
    }
    String stream =
        await()
            .atMost(Duration.ofSeconds(20))
            .until(
                () ->
                    caller
                        .send(
                            "vera",
                            HttpRequest.newBuilder(caller.uri("/api/runs/" + run + "/events")))
                        .text(),
                text -> text.contains("event:end"));
    assertThat(stream.split("\r\n|\r|\n"))
        .allMatch(
            line ->
                line.isEmpty()
                    || line.startsWith("id:")
                    || line.startsWith(":")
                    || line.startsWith("data:{")
                    || line.startsWith("data:[")
                    || line.matches("event:(journal|progress|status|end)"))
        .filteredOn("event:end"::equals)
        .hasSize(1);
  }

  @Test
  void lineBreakInAnAnswer_becomesASpace() {
    caller
        .post(
            "anna",
            "/api/tasks/" + caller.openTask(run) + "/complete",
            "{\"values\":{\"decision\":\"no-go\",\"reason\":\"first\\r\\nINFO second\",\"looked\":true}}")
        .is(204);
    caller.awaitStatus(run, "ROLLED_BACK");
    assertThat(caller.get("vera", "/api/runs/" + run + "/journal").is(200).text())
        .contains("first INFO second");
  }

  @Test
  void lineBreaksInAPath_forgeNoHeader() {
    for (String path :
        new String[] {
          "/api/runs/x%0d%0aX-Injected:%201", "/api/runs/" + run + "/artifacts/a%0d%0aX-Injected:1"
        }) {
      Answer answer = caller.get("adam", path);
      assertThat(answer.status()).isIn(400, 404);
      assertThat(answer.raw().headers().map()).doesNotContainKey("x-injected");
    }
  }
}
