package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.face.web.Caller.Answer;
import io.belay.journal.Journal;
import io.belay.journal.JournalChain;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.model.RunRefused;
import io.belay.run.RunStatus;
import io.belay.run.RunView;
import io.belay.run.RunView.PhaseView;
import io.belay.run.Runs;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.runtime.ProcessInstantiationBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What holds for a run holds however it is reached: by the engine's own REST interface, by message,
 * by Tasklist's form or inside the process.
 */
@WebTest
class EngineRestTest {

  private static final String START = "/engine-rest/process-definition/key/web-test/start";
  private static final String FORM = "/engine-rest/process-definition/key/web-test/submit-form";

  @Autowired Caller caller;
  @Autowired Journal journal;
  @Autowired JournalChain chain;
  @Autowired Runs runs;
  @Autowired RuntimeService runtime;
  @Autowired RepositoryService repository;
  @Autowired IdentityService identity;
  @Autowired MeterRegistry meters;
  @Autowired PlatformTransactionManager transactions;

  private final List<String> started = new ArrayList<>();

  enum Way {
    START,
    FORM,
    MESSAGE,
    INSIDE
  }

  @AfterEach
  void end() {
    started.forEach(caller::end);
    assertThat(chain.check().problems()).isEmpty();
  }

  // ------------------------------------------------------------------ the start

  @ParameterizedTest
  @EnumSource(Way.class)
  void everyWayToStart_isValidatedAndWrittenDownAlike(Way way) {
    String run = start(way, "olga", Map.of("environment", "test", "pause", "10ms"));

    JournalEntry entry = journal.last(run, Kind.RUN_STARTED).orElseThrow();
    assertThat(entry.actor()).isEqualTo("olga");
    assertThat(entry.payload().path("environment").asText()).isEqualTo("test");
    assertThat(entry.payload().path("pause").asText()).isEqualTo("PT0.01S");
    assertThat(entry.payload().path("count").asInt()).isEqualTo(3);
    assertThat(entry.payload().path("weights").asText()).isEqualTo("50,100");
    RunView view = runs.find(run).orElseThrow();
    assertThat(view.startedBy()).isEqualTo("olga");
    assertThat(view.name()).startsWith("web-test-");
    assertThat(view.runbook()).isEqualTo("web-test");
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void everyWayToStart_refusesAlike_andLeavesNothing(Way way) {
    long before = runtime.createProcessInstanceQuery().count();

    assertThat(refusal(way, Map.of("environment", "nowhere")))
        .contains("nowhere")
        .contains("[broken, lacking, other, store, test]");
    assertThat(refusal(way, Map.of("environment", "broken")))
        .contains("broken.yml is not valid")
        .contains("targets.cache.host: must not be blank", "targets.cache.port: must be");
    assertThat(refusal(way, Map.of("environment", "lacking")))
        .contains("environment: environment 'lacking' has no target 'cache'");
    assertThat(refusal(way, Map.of())).contains("environment: is required");
    assertThat(refusal(way, Map.of("environment", "test", "weights", "50,25,100")))
        .contains("weights: must ascend");

    assertThat(runtime.createProcessInstanceQuery().count()).isEqualTo(before);
    assertThat(runs.list(100, 0))
        .allSatisfy(run -> assertThat(run.environment()).isNotEqualTo("nowhere"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "typo | 1 | typo: is unknown; known are",
        "count | many | count: must be a number",
        "count | 1.5 | count: must be a whole number",
        "count | 0 | count: must be at least 1",
        "count | 1001 | count: must be at most 1000",
        "count | 1e99 | count: ",
        "pause | soon | pause: must be a duration",
        "pause | -PT1S | pause: must not be negative",
        "pause | P400D | pause: must be at most 365 days",
        "weights | 10,x,100 | weights: each weight must be a number of percent such as 25 or 0.05",
        "weights | 0,100 | weights: each weight must be at least 0.01",
        "weights | 0.005,100 | weights: each weight must have at most two decimals",
        "weights | 50,101 | weights: each weight must be from 0 to 100 percent, but is 101",
        "weights | 50,50,100 | weights: must ascend, but 50 comes after 50",
        "weights | 10,50 | weights: must end with 100",
        "strategy | wild | strategy: must be one of [slow, fast]",
        "fail | perhaps | fail: must be true or false",
        "environment | ../test | environment: must match",
      })
  void eachWrongParameter_isRefusedWithItsRule(String name, String value, String message) {
    Map<String, Object> given = new java.util.TreeMap<>(Map.of("environment", "test"));
    given.put(name, value);
    assertThat(refusal(Way.START, given)).contains("The run was not started").contains(message);
  }

  @Test
  void valuesOfAWrongKind_areRefused() {
    String body =
        """
        {"variables":{"environment":{"value":"test"},"count":{"value":true},
         "weights":{"value":12},"pause":{"value":5}}}
        """;
    assertThat(caller.post("olga", START, body).text())
        .contains("count: must be a number", "weights: must be a text", "pause: must be a text");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../etc", "a\\nb", " leading", "<b>x</b>"})
  void nameThatIsNone_isRefused(String name) {
    Answer refused =
        caller.post(
            "olga",
            START,
            "{\"businessKey\":\"%s\",\"variables\":{\"environment\":{\"value\":\"test\"}}}"
                .formatted(name));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text()).contains("name: must be 1 to 100");
  }

  @Test
  void runsAreCounted_onlyWhenTheirStartIsCommitted() {
    double before = startedRuns();
    new TransactionTemplate(transactions)
        .executeWithoutResult(
            rolledBack -> {
              inside("olga", Map.of("environment", "test"));
              rolledBack.setRollbackOnly();
            });
    assertThat(startedRuns()).isEqualTo(before);

    start(Way.INSIDE, "olga", Map.of("environment", "test"));
    assertThat(startedRuns()).isEqualTo(before + 1);
  }

  private double startedRuns() {
    return meters.counter("belay.run.started", "runbook", "web-test").count();
  }

  @Test
  void givenName_isTheRuns() {
    String run =
        remember(
            caller.post(
                "olga",
                START,
                "{\"businessKey\":\"Friday night 1\",\"variables\":{\"environment\":{\"value\":\"test\"}}}"));
    assertThat(runs.find(run).orElseThrow().name()).isEqualTo("Friday night 1");
  }

  @Test
  void unknownRunbook_isRefused() {
    Answer refused = caller.post("olga", "/engine-rest/process-definition/key/nothing/start", "{}");
    assertThat(refused.status()).isEqualTo(404);
    assertThat(refused.text()).contains("nothing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"counting", "deciding", "undo-counting"})
  void phase_isNotStartedAlone(String phase) {
    Answer refused =
        caller.post(
            "olga",
            "/engine-rest/process-definition/key/" + phase + "/start",
            "{\"variables\":{\"deadline\":{\"value\":\"PT1H\"}}}");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text())
        .contains("'%s' is a phase; it runs only as part of a runbook".formatted(phase));
  }

  @Test
  void nobody_startsNothing() {
    assertThatThrownBy(
            () -> runtime.startProcessInstanceByKey("web-test", Map.of("environment", "test")))
        .isInstanceOf(RunRefused.class)
        .hasMessageContaining("needs a logged-in user");
  }

  @Test
  void heldTarget_isRefused_namingTheRunThatHoldsIt() {
    String first = start(Way.START, "olga", Map.of("environment", "test", "pause", "1s"));
    for (Way way : List.of(Way.START, Way.FORM, Way.MESSAGE)) {
      Answer refused = call(way, "olga", Map.of("environment", "test"));
      assertThat(refused.status()).as(refused.text()).isEqualTo(409);
      assertThat(refused.text()).contains("cache").contains(runs.find(first).orElseThrow().name());
    }
  }

  @Test
  void startsAtTheSameMoment_haveOneWinner_andAllOthersAreConflicts() {
    List<CompletableFuture<Answer>> answers =
        IntStream.range(0, 8)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () ->
                            i % 2 == 0
                                ? call(Way.START, "olga", Map.of("environment", "test"))
                                : caller.post(
                                    "olga",
                                    "/api/runs",
                                    "{\"runbook\":\"web-test\",\"parameters\":{\"environment\":\"test\"}}")))
            .toList();
    List<Answer> won =
        answers.stream().map(CompletableFuture::join).filter(a -> a.status() < 300).toList();
    won.forEach(answer -> started.add(answer.body().path("id").asText()));
    assertThat(answers.stream().map(a -> a.join().status()).filter(status -> status >= 300))
        .containsOnly(409);
    assertThat(won).hasSize(1);
  }

  @Test
  void taskThatAColleagueCompleted_isAConflict_atBothFaces() {
    String run = start(Way.START, "olga", Map.of("environment", "test"));
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    String task = task(run);
    assertThat(complete("anna", task, GO).status()).isEqualTo(204);

    Answer late = complete("omar", task, GO);
    assertThat(late.status()).as(late.text()).isEqualTo(409);
    assertThat(late.text()).contains("The task is not open");
    caller
        .post("omar", "/api/tasks/" + task + "/complete", "{\"values\":{\"decision\":\"go\"}}")
        .is(409);
  }

  @ParameterizedTest
  @ValueSource(strings = {"olga", "adam"})
  void beginInTheMiddle_isRefusedAtTheDoor(String user) {
    for (String field :
        List.of(
            "\"startInstructions\":[{\"type\":\"startBeforeActivity\",\"activityId\":\"x\"}]",
            "\"skipCustomListeners\":true",
            "\"skipIoMappings\":true")) {
      Answer refused =
          caller
              .post(
                  user,
                  START,
                  "{%s,\"variables\":{\"environment\":{\"value\":\"test\"}}}".formatted(field))
              .is(400);
      assertThat(refused.text()).contains("is not accepted here");
    }
  }

  @Test
  void beginInTheMiddle_isRefusedInTheEngine_alsoToThoseWhoSkipListeners() {
    List<UnaryOperator<ProcessInstantiationBuilder>> places =
        List.of(
            start -> start.startBeforeActivity("Phase_Deciding"),
            start -> start.startAfterActivity("Phase_Deciding"),
            start -> start.startTransition("Flow_DecidingPassed_Yes"),
            start -> start.startBeforeActivity("Start_Run").startBeforeActivity("Phase_Deciding"));
    for (UnaryOperator<ProcessInstantiationBuilder> place : places) {
      identity.setAuthentication("adam", List.of("administrator"));
      try {
        assertThatThrownBy(
                () ->
                    place
                        .apply(runtime.createProcessInstanceByKey("web-test"))
                        .setVariable("environment", "test")
                        .execute(true, true))
            .isInstanceOf(RunRefused.class)
            .hasMessageContaining("begins at its start");
      } finally {
        identity.clearAuthentication();
      }
    }
  }

  // ------------------------------------------------------------------ decisions

  @Test
  void starter_doesNotDecide_whateverTheTasksCandidatesAre() {
    String run = start(Way.START, "omar", Map.of("environment", "test"));
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    String task = task(run);
    caller.post(
        "adam",
        "/engine-rest/task/" + task + "/identity-links/delete",
        "{\"groupId\":\"approver\",\"type\":\"candidate\"}");
    caller.post(
        "adam",
        "/engine-rest/task/" + task + "/identity-links",
        "{\"userId\":\"omar\",\"type\":\"candidate\"}");

    Answer refused = complete("omar", task, GO);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text()).contains("omar started this run").contains("four eyes");
    assertThat(task(run)).isEqualTo(task);
    assertThat(journal.entries(run, Kind.TASK_COMPLETED)).isEmpty();
  }

  @Test
  void decision_isDemandedByTheServer_andKeptWithItsAuthor() {
    String run = start(Way.START, "omar", Map.of("environment", "test"));
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    String task = task(run);

    Answer empty = complete("anna", task, "{}");
    assertThat(empty.status()).isEqualTo(400);
    assertThat(empty.text())
        .contains("The task was not completed")
        .contains("decision: is required")
        .contains("looked: is required");
    Answer odd =
        complete(
            "anna",
            task,
            "{\"decision\":{\"value\":\"maybe\"},\"looked\":{\"value\":false},\"reason\":{\"value\":\"hm hm hm\"}}");
    assertThat(odd.text()).contains("decision: must be one of [go, no-go]");
    assertThat(task(run)).isEqualTo(task);

    assertThat(complete("anna", task, GO).status()).isEqualTo(204);
    caller.awaitStatus(run, "COMPLETED");
    JournalEntry completed = journal.last(run, Kind.TASK_COMPLETED).orElseThrow();
    assertThat(completed.actor()).isEqualTo("anna");
    assertThat(completed.payload().path("decision").asText()).isEqualTo("go");
    assertThat(completed.activityId()).isEqualTo("Task_Decide");
  }

  // ------------------------------------------------------------------ what happens to a run

  @Test
  void deletedRun_isCancelled_andFreesItsTargets() {
    String run = start(Way.START, "olga", Map.of("environment", "test", "pause", "2s"));
    Answer deleted = delete(run);
    // The engine moves the run in its first moments; who meets that may try again.
    while (deleted.status() == 409) {
      assertThat(deleted.text()).contains("nothing was changed: try again");
      assertThat(runs.status(run)).contains(RunStatus.RUNNING);
      deleted = delete(run);
    }
    assertThat(deleted.status()).as(deleted.text()).isEqualTo(204);

    assertThat(runs.status(run)).contains(RunStatus.CANCELLED);
    assertThat(journal.last(run, Kind.RUN_ENDED).orElseThrow().text()).isEqualTo("CANCELLED");
    assertThat(journal.last(run, Kind.RUN_ENDED).orElseThrow().actor()).isEqualTo("adam");
    start(Way.START, "olga", Map.of("environment", "test"));
  }

  private Answer delete(String run) {
    return caller.send(
        "adam",
        HttpRequest.newBuilder(caller.uri("/engine-rest/process-instance/" + run)).DELETE());
  }

  @Test
  void failedGate_isNoIncident_andSaysItsNumbers() {
    String run =
        start(Way.START, "olga", Map.of("environment", "test", "count", 501, "pause", "0s"));
    caller.awaitStatus(run, "ROLLED_BACK");

    assertThat(journal.entries(run, Kind.INCIDENT)).isEmpty();
    JsonNode gate = journal.last(run, Kind.GATE).orElseThrow().payload();
    assertThat(gate.path("decision").asText()).isEqualTo("counting-gate");
    assertThat(gate.path("verdict").asText()).isEqualTo("FAIL");
    assertThat(gate.path("reason").asText()).isEqualTo("P95 latency is over 200 ms");
    assertThat(gate.path("inputs").path("P95 latency (ms)").asDouble()).isEqualTo(350);
    RunView view = runs.find(run).orElseThrow();
    assertThat(view.reason()).isEqualTo("P95 latency is over 200 ms");
    assertThat(view.gates())
        .singleElement()
        .satisfies(g -> assertThat(g.verdict()).isEqualTo("FAIL"));
    assertThat(view.phases())
        .extracting(PhaseView::activityId, PhaseView::outcome, PhaseView::undo)
        .contains(
            org.assertj.core.groups.Tuple.tuple("Phase_Counting", "failed", false),
            org.assertj.core.groups.Tuple.tuple("Undo_Counting", "undone", true));
    assertThat(kinds(run))
        .containsSubsequence(
            Kind.RUN_STARTED,
            Kind.PHASE_STARTED,
            Kind.INTENT,
            Kind.RESULT,
            Kind.GATE,
            Kind.PHASE_ENDED,
            Kind.ROLLBACK_STARTED,
            Kind.UNDO_STARTED,
            Kind.INTENT,
            Kind.RESULT,
            Kind.RUN_ENDED);
  }

  @Test
  void deadline_endsThePhase_withTheEndsLabelAsReason() {
    String run =
        start(
            Way.START,
            "olga",
            Map.of("environment", "test", "count", 100, "pause", "1s", "deadline", "1s"));
    caller.awaitStatus(run, "ROLLED_BACK");

    assertThat(journal.entries(run, Kind.PHASE_ENDED))
        .extracting(JournalEntry::text)
        .contains("timedOut: Counting timed out");
    assertThat(runs.find(run).orElseThrow().reason()).isEqualTo("Counting timed out");
    assertThat(journal.entries(run, Kind.STOPPED)).isNotEmpty();
  }

  @Test
  void failedStep_isAnIncidentInTheJournal_andItsRetryResolvesIt() {
    String run = start(Way.START, "olga", Map.of("environment", "test", "fail", true));
    caller.awaitStatus(run, "INCIDENT");

    assertThat(journal.entries(run, Kind.FAILURE)).hasSize(2);
    assertThat(journal.last(run, Kind.INCIDENT).orElseThrow().text())
        .startsWith("Task_Count: ")
        .contains("nobody taught me to count");
    caller.post("olga", "/api/runs/" + run + "/retry", "").is(200);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> journal.entries(run, Kind.INCIDENT_RESOLVED).size() >= 1);
    assertThat(journal.last(run, Kind.RETRY_REQUESTED).orElseThrow().actor()).isEqualTo("olga");
    caller.awaitStatus(run, "INCIDENT");
  }

  @Test
  void failingUndo_leavesTheRollbackIncomplete_untilAPersonTakesItOver() {
    String run =
        start(
            Way.START,
            "olga",
            Map.of("environment", "test", "count", 501, "pause", "0s", "failUndo", true));
    caller.awaitStatus(run, "ROLLBACK_INCOMPLETE");
    assertThat(runs.find(run).orElseThrow().incidents())
        .singleElement()
        .satisfies(incident -> assertThat(incident.activityId()).isEqualTo("Task_CountBack"));

    caller
        .post(
            "olga",
            "/api/runs/" + run + "/override",
            "{\"activityId\":\"Task_CountBack\",\"reason\":\"counted back by hand\"}")
        .is(200);
    caller.awaitStatus(run, "TAKEN_OVER");
    assertThat(journal.last(run, Kind.SKIP_REQUESTED).orElseThrow().actor()).isEqualTo("olga");
    assertThat(journal.last(run, Kind.RUN_ENDED).orElseThrow().text()).isEqualTo("TAKEN_OVER");
  }

  // ------------------------------------------------------------------ models

  @Test
  void brokenModels_areRefusedWhole_withFindings_andTheOldOnesStay() throws Exception {
    long before = repository.createProcessDefinitionQuery().count();
    Map<String, String> models = models();
    models.replaceAll(
        (name, text) -> text.replace("topic=\"countSlowly\"", "topic=\"countWildly\""));

    Answer refused = upload("adam", models);

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text()).contains("phases/counting.bpmn", "Task_Count", "countWildly");
    assertThat(repository.createProcessDefinitionQuery().count()).isEqualTo(before);
    start(Way.START, "olga", Map.of("environment", "test"));
  }

  @Test
  void scripts_areRefused() throws Exception {
    long before = repository.createProcessDefinitionQuery().count();
    Map<String, String> listener = models();
    listener.computeIfPresent(
        "phases/counting.bpmn",
        (name, text) ->
            text.replace(
                "<camunda:inputOutput><camunda:inputParameter name=\"to\">",
                "<camunda:executionListener event=\"start\"><camunda:script"
                    + " scriptFormat=\"groovy\">\"id\".execute()</camunda:script>"
                    + "</camunda:executionListener>"
                    + "<camunda:inputOutput><camunda:inputParameter name=\"to\">"));
    Answer refused = upload("adam", listener);
    assertThat(refused.text()).contains("phases/counting.bpmn", "listeners are refused");

    Answer alone =
        upload(
            "adam",
            Map.of(
                "runbooks/evil.bpmn",
                """
                <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
                 targetNamespace="x"><process id="evil" isExecutable="true">
                <startEvent id="s"/><scriptTask id="t" scriptFormat="javascript">
                <script>java.lang.System.exit(1)</script></scriptTask>
                <sequenceFlow id="f" sourceRef="s" targetRef="t"/></process></definitions>
                """));
    assertThat(alone.status()).isEqualTo(400);
    assertThat(alone.text()).contains("evil.bpmn");
    assertThat(repository.createProcessDefinitionQuery().count()).isEqualTo(before);
  }

  // ------------------------------------------------------------------ the plan

  @Test
  void plan_saysWhatTheEnvironmentLacks() {
    assertThat(
            caller
                .get("vera", "/api/runbooks/web-test/plan?environment=lacking")
                .is(200)
                .body()
                .path("problems")
                .toString())
        .contains("has no target 'cache'");
  }

  @Test
  void plan_saysWhatEachStepWouldDo_andDoesNothing() {
    long instances = runtime.createProcessInstanceQuery().count();
    Answer answer =
        caller.get("vera", "/api/runbooks/web-test/plan?environment=test&count=7").is(200);

    assertThat(answer.text()).contains("Would count to 7", "Would count back", "Task_Decide");
    assertThat(answer.body().path("problems")).isEmpty();
    assertThat(runtime.createProcessInstanceQuery().count()).isEqualTo(instances);
    start(Way.START, "olga", Map.of("environment", "test"));
    assertThat(caller.get("vera", "/api/runbooks/web-test/plan?environment=test").text())
        .contains("target cache is held by run");
  }

  @Test
  void answerThatCarriesAParameter_isRefused_andTheParameterStays() {
    String run = caller.startUntilDecision();
    String task = task(run);
    String more = GO.substring(0, GO.length() - 1) + ",\"weights\":{\"value\":\"100\"}}";

    Answer refused = complete("anna", task, more);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text())
        .contains("weights", "is a parameter of the run, written once at its start");
    assertThat(
            runtime
                .createVariableInstanceQuery()
                .variableName("weights")
                .variableValueEquals("weights", "100")
                .count())
        .isZero();
    complete("anna", task, GO).is(204);
  }

  // ------------------------------------------------------------------

  private static final String GO =
      "{\"decision\":{\"value\":\"go\"},\"looked\":{\"value\":true},\"reason\":{\"value\":\"counted well\"}}";

  private Answer complete(String user, String task, String variables) {
    return caller.post(
        user, "/engine-rest/task/" + task + "/complete", "{\"variables\":" + variables + "}");
  }

  private String task(String run) {
    return runs.find(run).orElseThrow().tasks().get(0).id();
  }

  private List<Kind> kinds(String run) {
    return journal.entries(run, 0, 1000).stream().map(JournalEntry::kind).toList();
  }

  private String start(Way way, String user, Map<String, Object> parameters) {
    if (way == Way.INSIDE) {
      String run = inside(user, parameters);
      started.add(run);
      return run;
    }
    return remember(call(way, user, parameters));
  }

  private String remember(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    JsonNode body = answer.body().isArray() ? answer.body().get(0) : answer.body();
    String run =
        body.has("processInstance")
            ? body.at("/processInstance/id").asText()
            : body.path("id").asText();
    started.add(run);
    return run;
  }

  private String refusal(Way way, Map<String, Object> parameters) {
    if (way == Way.INSIDE) {
      try {
        inside("olga", parameters);
        throw new AssertionError("was not refused");
      } catch (RunRefused refused) {
        return refused.getMessage();
      }
    }
    Answer refused = call(way, "olga", parameters);
    assertThat(refused.status()).as(refused.text()).isEqualTo(400);
    return refused.text();
  }

  private String inside(String user, Map<String, Object> parameters) {
    identity.setAuthentication(user, List.of("operator"));
    try {
      return runtime.startProcessInstanceByKey("web-test", parameters).getId();
    } finally {
      identity.clearAuthentication();
    }
  }

  private Answer call(Way way, String user, Map<String, Object> parameters) {
    String variables =
        String.join(
            ",",
            parameters.entrySet().stream()
                .map(
                    entry ->
                        "\"%s\":{\"value\":%s}"
                            .formatted(
                                entry.getKey(),
                                entry.getValue() instanceof String text
                                    ? "\"" + text + "\""
                                    : entry.getValue()))
                .toList());
    return switch (way) {
      case START -> caller.post(user, START, "{\"variables\":{%s}}".formatted(variables));
      case FORM -> caller.post(user, FORM, "{\"variables\":{%s}}".formatted(variables));
      case MESSAGE ->
          caller.post(
              user,
              "/engine-rest/message",
              "{\"messageName\":\"Start web-test\",\"resultEnabled\":true,\"processVariables\":{%s}}"
                  .formatted(variables));
      case INSIDE -> throw new IllegalArgumentException();
    };
  }

  private static Map<String, String> models() throws Exception {
    Path root = Path.of("src/test/resources/web/processes");
    Map<String, String> models = new java.util.TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        models.put(root.relativize(file).toString(), Files.readString(file));
      }
    }
    return models;
  }

  private Answer upload(String user, Map<String, String> models) {
    String boundary = "----models";
    StringBuilder body = new StringBuilder();
    body.append(part(boundary, "name=\"deployment-name\"", "upload"));
    models.forEach(
        (name, text) ->
            body.append(
                part(boundary, "name=\"%s\"; filename=\"%s\"".formatted(name, name), text)));
    body.append("--").append(boundary).append("--\r\n");
    return caller.send(
        user,
        HttpRequest.newBuilder(caller.uri("/engine-rest/deployment/create"))
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(BodyPublishers.ofString(body.toString(), StandardCharsets.UTF_8)));
  }

  private static String part(String boundary, String disposition, String content) {
    return "--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n"
        .formatted(boundary, disposition, content);
  }
}
