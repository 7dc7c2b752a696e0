package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.engine.ModelWorld.Call;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.camunda.bpm.engine.delegate.BpmnError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which way a run of {@code backend-improvements} goes, and in which order it goes back. */
class BackendImprovementsProcessTest extends ModelRun {

  private static final Map<String, Object> HEALTHY = MainServerRun.HEALTHY;

  private static final Map<String, Object> COMPARED =
      Map.ofEntries(
          Map.entry("newRequests", 500),
          Map.entry("oldRequests", 500),
          Map.entry("newErrors", 0),
          Map.entry("oldErrors", 0),
          Map.entry("newDatabaseP95", 4.0),
          Map.entry("oldDatabaseP95", 4.0),
          Map.entry("complete", true),
          Map.entry("missing", ""));

  /** The checklists whose only item, a change by command, is not done yet. */
  private final List<String> left = new ArrayList<>();

  private final List<String> done = new ArrayList<>();

  BackendImprovementsProcessTest() {
    super("backend-improvements");
  }

  @BeforeEach
  @Override
  void prepare() {
    left.clear();
    left.addAll(List.of("deployment", "validation", "post-migration"));
    done.clear();
    for (String check :
        List.of("checkDependencies", "compareContract", "runCommand", "awaitHealthy")) {
      answer(check, Map.of("verdict", "PASS", "reason", "fine"));
    }
    answer("chooseItem", call -> next(call, left, done));
    answer("chooseItemBack", call -> temporary(call) ? item("NONE") : next(call, done, left));
    answer("readFlag", Collections.singletonMap("percent", null));
    answer("nextWeight", call -> MainServerRun.nextWeight(started(call)));
    answer("measureHealth", HEALTHY);
    covered(85.2);
    answer("tallyVerdict", this::tally);
  }

  private static Call started(Call call) {
    return call.inputs().get("current") == null
        ? new Call(call.step(), "", "", with(call.inputs(), "current", 0))
        : call;
  }

  private void covered(double coverage) {
    answer(
        "measureNumbers",
        call ->
            call.inputs().get("numbers").toString().startsWith("coverage")
                ? Map.of("coverage", coverage, "complete", true, "missing", "")
                : COMPARED);
  }

  private static Map<String, Object> next(Call call, List<String> from, List<String> to) {
    String checklist = call.inputs().get("checklist").toString();
    if (!from.remove(checklist)) {
      return item("NONE");
    }
    to.add(checklist);
    return with(item("CHANGE_BY_COMMAND"), "subject", checklist);
  }

  private static boolean temporary(Call call) {
    return "true".equals(String.valueOf(call.inputs().get("temporaryOnly")));
  }

  private static Map<String, Object> item(String kind) {
    Map<String, Object> item = new HashMap<>();
    List.of("subject", "parameters", "expected", "instruction").forEach(key -> item.put(key, ""));
    List.of("due", "askedText", "askedFile").forEach(key -> item.put(key, null));
    IntStream.rangeClosed(1, 6).forEach(number -> item.put("check" + number, null));
    item.putAll(Map.of("kind", kind, "number", 1, "name", "item", "temporary", false));
    return item;
  }

  private void startApproved() {
    start(Map.of());
    complete("Task_ConfirmChecklist", Map.of());
    complete("Task_Approve", Map.of("decision", "go", "reason", "rehearsed"));
  }

  /** Undos with what they take back. */
  private List<String> takenBack() {
    return world.calls.stream()
        .filter(Call::takesBack)
        .filter(call -> List.of("revertByCommand", "restoreFlag").contains(call.step()))
        .map(call -> String.valueOf(call.inputs().getOrDefault("command", call.step())))
        .toList();
  }

  private List<String> shares() {
    return call("setFlag").stream().map(call -> call.inputs().get("share").toString()).toList();
  }

  @Test
  void everyGatePasses_runCompletesWithoutUndo() {
    startApproved();

    assertThat(end()).isEqualTo("End_Completed");
    assertThat(shares()).containsExactly("10", "25", "50", "100");
    assertThat(done).containsExactly("deployment", "validation", "post-migration");
    assertThat(undone()).isEmpty();
    Call first = call("setFlag").get(0);
    assertThat(first.inputs())
        .containsEntry("flag", "feature-flag")
        .containsEntry("on", "belay-new")
        .containsEntry("off", "belay-old");
  }

  @Test
  void nothingIsDeployed_beforeTheApproval() {
    start(Map.of());
    complete("Task_ConfirmChecklist", Map.of());

    assertThat(task("Task_Approve")).isNotNull();
    assertThat(call("changeByCommand"))
        .extracting(call -> call.inputs().get("command"))
        .containsExactly("build");
    assertThat(done).isEmpty();
    assertThat(shares()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"80, 'The tests cover 80.0 % of the code, more than 80 % is needed'", "NaN, ''"})
  void coverageThatIsTooLow_takesTheBuildBack_andAsksNobody(double coverage, String reason) {
    covered(coverage);
    start(Map.of());
    complete("Task_ConfirmChecklist", Map.of());

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("coverageOutcome")).isEqualTo("failed");
    assertThat(variable("reason")).asString().contains(reason);
    assertThat(takenBack()).containsExactly("build");
    assertThat(task("Task_Approve")).isNull();
  }

  @Test
  void versionThatIsSlower_losesItsUsers_thenItsDeployment() {
    answer(
        "measureHealth",
        call ->
            shares().size() < 3
                ? HEALTHY
                : with(with(HEALTHY, "comparison", "WORSE"), "comparisonReason", "8 % slower"));
    startApproved();

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(shares()).containsExactly("10", "25", "50");
    assertThat(takenBack()).containsExactly("restoreFlag", "deployment", "build");
    assertThat(undone()).endsWith("restoreConfiguration", "stopService", "restoreConfiguration");
    assertThat(variable("reason")).isEqualTo("8 % slower");
  }

  @Test
  void brokenContract_losesItsUsers_beforeAnythingIsValidated() {
    answer("compareContract", Map.of("verdict", "FAIL", "reason", "/error is missing"));
    startApproved();

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("contractOutcome")).isEqualTo("failed");
    assertThat(variable("reason")).isEqualTo("/error is missing");
    assertThat(shares()).containsExactly("10", "25", "50", "100");
    assertThat(takenBack()).containsExactly("restoreFlag", "deployment", "build");
    assertThat(call("compareContract").get(0).inputs())
        .containsEntry("baseline", "old-users")
        .containsEntry("candidate", "new-users");
  }

  @Test
  void failedSoak_goesDownTheWholeLadderInOrder() {
    answer(
        "measureHealth",
        call -> left.contains("validation") ? HEALTHY : with(HEALTHY, "errorLines", 4));
    startApproved();

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("soakOutcome")).isEqualTo("failed");
    assertThat(variable("reason")).isEqualTo("4 ERROR lines in the log");
    assertThat(takenBack()).containsExactly("validation", "restoreFlag", "deployment", "build");
  }

  @ParameterizedTest
  @CsvSource({
    "build, buildOutcome, build",
    "deployment, deploymentOutcome, deployment build",
    "validation, validationOutcome, validation restoreFlag deployment build",
    "post-migration, postMigrationOutcome, post-migration validation restoreFlag deployment build"
  })
  void changeThatFails_isTakenBack_withAllBeforeIt(String change, String outcome, String expected) {
    answer(
        "changeByCommand",
        call -> {
          if (call.inputs().get("command").equals(change)) {
            throw new BpmnError("STOP", "it does not compile");
          }
          return Map.of();
        });
    start(Map.of());
    complete("Task_ConfirmChecklist", Map.of());
    if (task("Task_Approve") != null) {
      complete("Task_Approve", Map.of("decision", "go"));
    }

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable(outcome)).isEqualTo("failed");
    assertThat(variable("reason")).isEqualTo("it does not compile");
    assertThat(takenBack()).containsExactly(expected.split(" "));
  }

  @Test
  void approvalRejected_takesTheBuildBack() {
    start(Map.of());
    complete("Task_ConfirmChecklist", Map.of());
    complete("Task_Approve", Map.of("decision", "no-go", "reason", "not on a Friday"));

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("reason")).isEqualTo("not on a Friday");
    assertThat(takenBack()).containsExactly("build");
  }

  @TestFactory
  Stream<DynamicTest> everyWayOut_goesBack() {
    return new WaysOut(this, Map.of(), Map.of()).all();
  }

  @Test
  void flagThatCannotBeRestored_stopsTheWayDown_untilItCan() {
    world.held.add("restoreFlag");
    answer("measureHealth", with(HEALTHY, "failedProbes", 2));
    startApproved();
    assertThat(end()).isNull();
    assertThat(takenBack()).isEmpty();

    world.held.clear();
    world.settle();
    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(takenBack()).containsExactly("restoreFlag", "deployment", "build");
  }
}
