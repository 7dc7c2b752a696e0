package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.face.web.Caller.Answer;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.camunda.bpm.engine.HistoryService;
import org.camunda.bpm.engine.RuntimeService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;

/** Bodies that once ran code in the engine, sent by everybody to every door that takes one. */
@WebTest
class DoorCasesTest {

  private static final Path CASES = Path.of("src/test/resources/cases/doors");

  /** Nobody, and one user of each role. */
  private static final List<String> SENDERS =
      List.of("", "vera", "olga", "anna", "adam", "sam", "eva");

  private static final List<String> QUERIES =
      List.of(
          "/engine-rest/task",
          "/engine-rest/task/count",
          "/engine-rest/filter/x/list",
          "/engine-rest/filter/x/count",
          "/engine-rest/process-instance",
          "/engine-rest/history/task",
          "/camunda/api/engine/engine/default/task");

  private static final List<String> VARIABLES =
      List.of(
          "/engine-rest/task/TASK/complete",
          "/engine-rest/task/TASK/submit-form",
          "/engine-rest/process-definition/key/web-test/start",
          "/engine-rest/process-definition/key/web-test/submit-form",
          "/engine-rest/external-task/x/complete",
          "/engine-rest/external-task/x/failure",
          "/engine-rest/external-task/x/bpmnError",
          "/camunda/api/engine/engine/default/task/TASK/complete",
          "/camunda/api/engine/engine/default/task/TASK/submit-form");

  @Autowired Caller caller;
  @Autowired RuntimeService runtime;
  @Autowired HistoryService history;

  static Stream<String> cases() throws IOException {
    try (Stream<Path> files = Files.list(CASES)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
    }
  }

  @Test
  void thereAreCases() throws IOException {
    assertThat(cases()).hasSizeGreaterThanOrEqualTo(2);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void nobodyGetsItThroughAnyDoor(String file) throws IOException {
    String body = Files.readString(CASES.resolve(file));
    String run = caller.startUntilDecision();
    try {
      String task = caller.openTask(run);
      long started = history.createHistoricProcessInstanceQuery().count();
      for (String door : Stream.concat(QUERIES.stream(), VARIABLES.stream()).toList()) {
        for (String sender : SENDERS) {
          Answer answer = post(sender, door.replace("TASK", task), body);
          if (!QUERIES.contains(door) || file.equals("nested-expression.json")) {
            assertThat(answer.status())
                .as("%s by '%s': %s", door, sender, answer.text())
                .isIn(400, 401, 403);
          } // a query has no variables of its own, and does not read these
          assertThat(answer.text()).doesNotContain("java.awt.Point", "\"evaluated\"");
        }
      }
      assertThat(runtime.createVariableInstanceQuery().variableName("zz").count()).isZero();
      assertThat(history.createHistoricVariableInstanceQuery().variableName("zz").count()).isZero();
      assertThat(history.createHistoricProcessInstanceQuery().count()).isEqualTo(started);
      assertThat(caller.openTask(run)).isEqualTo(task);
    } finally {
      caller.end(run);
    }
  }

  /** Who holds the role that a door is for is refused for the body, not for the person. */
  @Test
  void whoMayPass_isRefusedForTheBody() throws IOException {
    String run = caller.startUntilDecision();
    try {
      List<Answer> refusals = new ArrayList<>();
      for (String door : QUERIES.subList(0, 6)) {
        refusals.add(post("vera", door, Files.readString(CASES.resolve("nested-expression.json"))));
      }
      String object = Files.readString(CASES.resolve("object-variable.json"));
      String task = caller.openTask(run);
      refusals.add(post("anna", VARIABLES.get(0).replace("TASK", task), object));
      refusals.add(post("anna", VARIABLES.get(1).replace("TASK", task), object));
      refusals.add(post("olga", VARIABLES.get(2), object));
      refusals.add(post("olga", VARIABLES.get(3), object));
      assertThat(refusals)
          .allSatisfy(
              refusal -> {
                assertThat(refusal.status()).isEqualTo(400);
                assertThat(refusal.text())
                    .containsPattern("expressions are not evaluated here|Refused: variables\\.zz");
              });
    } finally {
      caller.end(run);
    }
  }

  private Answer post(String sender, String path, String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(caller.uri(path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    if (sender.equals("eva")) { // an agent has a token and no password here
      return caller.send(null, caller.byToken(sender, request));
    }
    return caller.send(sender.isEmpty() ? null : sender, request);
  }
}
