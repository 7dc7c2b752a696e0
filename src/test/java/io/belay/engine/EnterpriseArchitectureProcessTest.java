package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.engine.ModelWorld.Call;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.engine.delegate.BpmnError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which way a run of {@code enterprise-architecture} goes, and in which order it goes back. */
class EnterpriseArchitectureProcessTest extends ModelRun {

  private static final Map<String, Object> EVENTS_WANTED = Map.of("publishEvents", true);

  private final ScriptedChecklists checklists =
      new ScriptedChecklists("verification", "post-migration");

  private Map<String, Object> rehearsed = complete(Map.of("rehearsalDays", 2.5));
  private final Map<String, Object> watched =
      new HashMap<>(
          complete(
              Map.ofEntries(
                  Map.entry("assignmentRuns", 2),
                  Map.entry("payoutRuns", 2),
                  Map.entry("errorLines", 0),
                  Map.entry("fallbacks", 3),
                  Map.entry("conflicts", 1),
                  Map.entry("databaseP95", 4.2),
                  Map.entry("finderP95", 35.0),
                  Map.entry("requests", 12),
                  Map.entry("overdue", 0),
                  Map.entry("unfilled", 0),
                  Map.entry("events", 40),
                  Map.entry("backlog", 3),
                  Map.entry("oldestSeconds", 1.5),
                  Map.entry("horizonSeconds", 0),
                  Map.entry("horizonPid", 0))));
  private final Map<String, Object> compared =
      new HashMap<>(
          complete(
              Map.of(
                  "newRequests", 500,
                  "oldRequests", 500,
                  "newErrors", 0,
                  "oldErrors", 0,
                  "newDatabaseP95", 4.0,
                  "oldDatabaseP95", 4.0)));

  EnterpriseArchitectureProcessTest() {
    super("enterprise-architecture");
  }

  private static Map<String, Object> complete(Map<String, Object> numbers) {
    return with(with(numbers, "complete", true), "missing", "");
  }

  @BeforeEach
  void prepare() {
    for (String check :
        List.of("checkDependencies", "reviewConfiguration", "runCommand", "awaitHealthy")) {
      answer(check, Map.of("verdict", "PASS", "reason", "fine"));
    }
    checklists.answer(this);
    answer("checkIntegrity", MainServerRun.intact());
    answer("compareFingerprint", call -> MainServerRun.compared(!call("revertSchema").isEmpty()));
    answer("countLostWrites", Map.of("rows", 0L, "report", ""));
    answer("readFlag", Collections.singletonMap("percent", null));
    answer("nextWeight", EnterpriseArchitectureProcessTest::nextWeight);
    answer("measureHealth", MainServerRun.HEALTHY);
    answer("measureNumbers", this::measured);
    answer("tallyVerdict", this::tally);
    answer("drainOutbox", Map.of("verdict", "PASS", "reason", "3 events published"));
  }

  private Map<String, Object> measured(Call call) {
    String numbers = call.inputs().get("numbers").toString();
    return numbers.startsWith("rehearsalDays")
        ? rehearsed
        : numbers.startsWith("newRequests") ? compared : watched;
  }

  private static Map<String, Object> nextWeight(Call call) {
    return MainServerRun.nextWeight(
        call.inputs().get("current") == null
            ? new Call(call.step(), "", "", with(call.inputs(), "current", 0))
            : call);
  }

  private void startApproved(Map<String, Object> parameters) {
    start(parameters);
    complete("Task_ConfirmChecklist", Map.of());
    if (task("Task_Approve") != null) {
      complete("Task_Approve", Map.of("decision", "go", "reason", "rehearsed"));
    }
  }

  /** Undos, with what they take back where it is a command. */
  private List<String> takenBack() {
    return world.calls.stream()
        .filter(Call::takesBack)
        .filter(
            call ->
                List.of(
                        "revertByCommand",
                        "restoreFlag",
                        "restoreValues",
                        "restoreRows",
                        "revertSchema")
                    .contains(call.step()))
        .map(call -> String.valueOf(call.inputs().getOrDefault("command", call.step())))
        .toList();
  }

  private List<String> inputs(String step, String name) {
    return call(step).stream().map(call -> call.inputs().get(name).toString()).toList();
  }

  @Test
  void everyGatePasses_runCompletesWithoutUndo() {
    startApproved(Map.of());

    assertThat(end()).isEqualTo("End_Completed");
    assertThat(inputs("changeByCommand", "command"))
        .containsExactly("release", "seed", "process", "verification", "post-migration");
    assertThat(inputs("runCommand", "command"))
        .containsExactly("variables", "seed-again", "process-steady");
    assertThat(inputs("backfillRows", "table"))
        .containsExactly("service_requests", "worker_profiles");
    assertThat(inputs("setFlag", "share")).containsExactly("10", "25", "50", "100");
    assertThat(checklists.done()).containsExactly("verification", "post-migration");
    assertThat(undone()).isEmpty();
    assertThat(call("setValues")).isEmpty();
    assertThat(call("drainOutbox")).isEmpty();
  }

  @Test
  void nothingIsMigrated_beforeTheApproval() {
    start(Map.of());
    complete("Task_ConfirmChecklist", Map.of());

    assertThat(task("Task_Approve")).isNotNull();
    assertThat(inputs("changeByCommand", "command")).containsExactly("release");
    assertThat(call("applySchema")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "31, true, 'The way back was rehearsed 31.0 days ago, the limit is 30'",
    ", false, 'There is no rehearsal to rely on: exit code 1: the run went on'"
  })
  void migrationWithoutARehearsal_asksNobody(Double days, boolean complete, String reason) {
    rehearsed = with(with(new HashMap<>(), "rehearsalDays", days), "complete", complete);
    rehearsed.put("missing", "exit code 1: the run went on");
    start(Map.of());
    complete("Task_ConfirmChecklist", Map.of());

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("reason")).isEqualTo(reason);
    assertThat(takenBack()).containsExactly("release");
  }

  @Test
  void variableThatIsNotSet_isNamed_andTheReleaseTakenBack() {
    answer("runCommand", Map.of("verdict", "FAIL", "reason", "'variables': DATABASE_URL"));
    start(Map.of());
    complete("Task_ConfirmChecklist", Map.of());

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("reason")).isEqualTo("'variables': DATABASE_URL");
    assertThat(takenBack()).containsExactly("release");
  }

  @ParameterizedTest
  @CsvSource({
    "seed-again, seedOutcome, seed revertSchema release",
    "process-steady, deploymentOutcome, process seed revertSchema release"
  })
  void changeThatDoesNotWork_isTakenBack(String check, String outcome, String expected) {
    answer(
        "runCommand",
        call ->
            call.inputs().get("command").equals(check)
                ? Map.of("verdict", "FAIL", "reason", "its last output")
                : Map.of("verdict", "PASS", "reason", "fine"));
    startApproved(Map.of());

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable(outcome)).isEqualTo("failed");
    assertThat(takenBack()).containsExactly(expected.split(" "));
  }

  @ParameterizedTest
  @CsvSource({
    "release, buildOutcome, release",
    "process, deploymentOutcome, process seed revertSchema release",
    "verification, verificationOutcome, verification process seed revertSchema release"
  })
  void commandThatFails_isTakenBack_withAllBeforeIt(
      String command, String outcome, String expected) {
    answer(
        "changeByCommand",
        call -> {
          if (call.inputs().get("command").equals(command)) {
            throw new BpmnError("STOP", "it crashes");
          }
          return Map.of();
        });
    startApproved(Map.of());

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable(outcome)).isEqualTo("failed");
    assertThat(takenBack()).containsExactly(expected.split(" "));
  }

  @Test
  void tuning_setsTheValues_andAServiceThatIsNotHealthyWithThem_losesThemAgain() {
    answer("awaitHealthy", Map.of("verdict", "FAIL", "reason", "does not start"));
    startApproved(Map.of("tuneConfiguration", true));

    assertThat(inputs("setValues", "target")).containsExactly("system-config");
    assertThat(inputs("setValues", "values"))
        .containsExactly(
            "worker_timeout_minutes=20\ncancellation_window_hours=48\ncommission_percentage=0.20");
    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("tuningOutcome")).isEqualTo("failed");
    assertThat(takenBack())
        .containsExactly(
            "restoreValues",
            "restoreRows",
            "restoreRows",
            "verification",
            "process",
            "seed",
            "revertSchema",
            "release");
  }

  @Test
  void architectureWhoseQueriesAreSlower_losesItsUsersFirst() {
    answer(
        "measureNumbers",
        call -> {
          compared.put("newDatabaseP95", call("setFlag").size() < 3 ? 4.0 : 6.3);
          return measured(call);
        });
    startApproved(Map.of("tuneConfiguration", true));

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(inputs("setFlag", "share")).containsExactly("10", "25", "50");
    assertThat(variable("reason")).asString().contains("P95 of the queries is 6.3 ms");
    assertThat(takenBack()).startsWith("restoreFlag", "restoreValues", "restoreRows");
  }

  @ParameterizedTest
  @CsvSource({
    "payoutRuns, 0, PayoutReleaseCron is silent: its line is not in the recent log",
    "backlog, 1001, '1001 events are not published, the limit is 1000'",
    "horizonSeconds, 601, 'A writing transaction is open for 601 s, of process 0 (0: a prepared one)'"
  })
  void failedSoak_goesDownTheWholeLadderInOrder(String number, int value, String reason) {
    watched.put(number, value);
    startApproved(Map.of("soakAllowedFailures", 0));

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("soakOutcome")).isEqualTo("failed");
    assertThat(variable("reason")).isEqualTo(reason);
    assertThat(takenBack())
        .containsExactly(
            "restoreFlag",
            "restoreRows",
            "restoreRows",
            "verification",
            "process",
            "seed",
            "revertSchema",
            "release");
  }

  @Test
  void approvalRejected_takesTheReleaseBack() {
    start(Map.of());
    complete("Task_ConfirmChecklist", Map.of());
    complete("Task_Approve", Map.of("decision", "no-go", "reason", "not on a Friday"));

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(takenBack()).containsExactly("release");
  }

  @Test
  void eventsArePublished_onlyAfterADecisionOfTheirOwn() {
    startApproved(EVENTS_WANTED);
    assertThat(call("drainOutbox")).isEmpty();
    complete("Task_Decide", Map.of("decision", "go", "reason", "publisher stopped"));

    assertThat(end()).isEqualTo("End_Completed");
    assertThat(inputs("drainOutbox", "publisher")).containsExactly("event-publisher");
    assertThat(undone()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"no-go", "nobody"})
  void eventsThatNobodyWantsPublished_stay_andTheMigrationTo(String decision) {
    startApproved(EVENTS_WANTED);
    if (decision.equals("nobody")) {
      fireTimer("Timer_DecisionExpired");
    } else {
      complete("Task_Decide", Map.of("decision", decision, "reason", "not needed"));
    }

    assertThat(end()).isEqualTo("End_Completed");
    assertThat(call("drainOutbox")).isEmpty();
    assertThat(undone()).isEmpty();
  }

  @Test
  void abortWhileTheDecisionIsAwaited_takesTheMigrationBack() {
    startApproved(EVENTS_WANTED);
    abortAt("Task_Decide", "enough");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("drainDecisionOutcome")).isEqualTo("aborted");
    assertThat(takenBack()).startsWith("post-migration", "restoreFlag");
  }

  @Test
  void poisonEvent_isSettledByAPerson_withoutAWayBack() {
    answer("drainOutbox", Map.of("verdict", "FAIL", "reason", "event 5: status 422"));
    startApproved(EVENTS_WANTED);
    complete("Task_Decide", Map.of("decision", "go", "reason", "publisher stopped"));
    assertThat(end()).isNull();
    complete("Task_FinishDrain", Map.of("eventsSettled", true, "reason", "marked event 5"));

    assertThat(end()).isEqualTo("End_Completed");
    assertThat(undone()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "changeByCommand, buildOutcome, release",
    "applySchema, databaseMigrationOutcome, revertSchema release",
    "backfillRows, requestBackfillOutcome, restoreRows verification process seed revertSchema release",
    "setFlag, flagRolloutOutcome, restoreFlag restoreRows restoreRows verification process seed revertSchema release"
  })
  void abortDuringALongStep_goesDown(String step, String outcome, String expected) {
    start(Map.of());
    world.held.add(step);
    complete("Task_ConfirmChecklist", Map.of());
    if (task("Task_Approve") != null) {
      complete("Task_Approve", Map.of("decision", "go", "reason", "rehearsed"));
    }
    abortDuring(step, "enough");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable(outcome)).isEqualTo("aborted");
    assertThat(takenBack()).containsExactly(expected.split(" "));
  }
}
