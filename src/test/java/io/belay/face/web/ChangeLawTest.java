package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.belay.face.web.Caller.Answer;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import io.belay.target.RedisTarget;
import io.belay.target.ServiceTarget;
import jakarta.validation.constraints.NotBlank;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import org.camunda.bpm.engine.ManagementService;
import org.camunda.bpm.engine.OptimisticLockingException;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.camunda.bpm.engine.runtime.Job;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * A phase that asks a person and then installs something on a protected target, whatever the answer
 * was: the engine asks for a real approval.
 */
@WebTest
@OwnBelay
@Import(WithoutLint.class)
class ChangeLawTest {

  private static final HttpServer SERVER = LawWorld.serve();
  private static final LawWorld WORLD = new LawWorld("change-law");

  @Autowired JdbcTemplate jdbc;
  @Autowired Journal journal;
  @Autowired ObjectMapper json;
  @Autowired Caller caller;
  @Autowired ManagementService management;
  @Autowired RuntimeService runtime;
  @Autowired ProcessEngineConfigurationImpl engine;

  @DynamicPropertySource
  static void models(DynamicPropertyRegistry properties) throws IOException {
    WORLD.copyAll(LawWorld.WEB, ".");
    WORLD.copy(
        LawWorld.WEB.resolve("processes/phases/deciding.bpmn"),
        "processes/phases/installing.bpmn",
        "\"deciding\"",
        "\"installing\"",
        "${decision == 'go'}",
        "${decision != 'nothing'}",
        "sourceRef=\"Gateway_Go\" targetRef=\"End_Passed\"",
        "sourceRef=\"Gateway_Go\" targetRef=\"Timer_Pause\"",
        "<bpmn:endEvent id=\"End_Passed\" name=\"Approved\">\n      <bpmn:incoming>Flow_Go_Go<",
        """
        <bpmn:intermediateCatchEvent id="Timer_Pause" name="Pause over">
          <bpmn:incoming>Flow_Go_Go</bpmn:incoming><bpmn:outgoing>Flow_Pause</bpmn:outgoing>
          <bpmn:timerEventDefinition id="Timer_Pause_Timer"><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">${pause}</bpmn:timeDuration></bpmn:timerEventDefinition>
        </bpmn:intermediateCatchEvent>
        <bpmn:serviceTask id="Task_Install" name="Install it" camunda:type="external" camunda:topic="startService">
          <bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="service">machine</camunda:inputParameter></camunda:inputOutput></bpmn:extensionElements>
          <bpmn:incoming>Flow_Pause</bpmn:incoming><bpmn:outgoing>Flow_Installed</bpmn:outgoing>
        </bpmn:serviceTask>
        <bpmn:sequenceFlow id="Flow_Pause" sourceRef="Timer_Pause" targetRef="Task_Install" />
        <bpmn:sequenceFlow id="Flow_Installed" sourceRef="Task_Install" targetRef="End_Passed" />
        <bpmn:endEvent id="End_Passed" name="Installed">
              <bpmn:incoming>Flow_Installed<\
        """,
        "<bpmndi:BPMNShape id=\"Shape_End_Passed\" bpmnElement=\"End_Passed\"><dc:Bounds x=\"510\"",
        """
        <bpmndi:BPMNShape id="Shape_Timer_Pause" bpmnElement="Timer_Pause"><dc:Bounds x="510" y="102" width="36" height="36" /></bpmndi:BPMNShape>
        <bpmndi:BPMNShape id="Shape_Task_Install" bpmnElement="Task_Install"><dc:Bounds x="600" y="80" width="100" height="80" /></bpmndi:BPMNShape>
        <bpmndi:BPMNEdge id="Edge_Flow_Pause" bpmnElement="Flow_Pause"><di:waypoint x="546" y="120" /><di:waypoint x="600" y="120" /></bpmndi:BPMNEdge>
        <bpmndi:BPMNEdge id="Edge_Flow_Installed" bpmnElement="Flow_Installed"><di:waypoint x="700" y="120" /><di:waypoint x="760" y="120" /></bpmndi:BPMNEdge>
        <bpmndi:BPMNShape id="Shape_End_Passed" bpmnElement="End_Passed"><dc:Bounds x="760\"\
        """);
    WORLD.copy(
        LawWorld.WEB.resolve("processes/phases/undo-counting.bpmn"),
        "processes/phases/undo-counting.bpmn",
        "camunda:topic=\"countBack\"",
        "camunda:topic=\"stopService\"",
        "<camunda:inputParameter name=\"fail\">${failUndo}<",
        "<camunda:inputParameter name=\"service\">machine<");
    WORLD.copy(
        LawWorld.WEB.resolve("processes/runbooks/web-test.bpmn"),
        "processes/runbooks/web-test.bpmn",
        "calledElement=\"counting\"",
        "calledElement=\"installing\"");
    WORLD.copy(
        WORLD.directory().resolve("processes/phases/installing.bpmn"),
        "processes/phases/filling.bpmn",
        "\"installing\"",
        "\"filling\"",
        "camunda:topic=\"startService\"",
        "camunda:topic=\"fillStore\"",
        "<camunda:inputParameter name=\"service\">machine<",
        "<camunda:inputParameter name=\"store\">${decision}<");
    WORLD.copy(
        WORLD.directory().resolve("processes/runbooks/web-test.bpmn"),
        "processes/runbooks/web-fill.bpmn",
        "\"web-test\"",
        "\"web-fill\"",
        "Start web-test",
        "Start web-fill",
        "calledElement=\"installing\"",
        "calledElement=\"filling\"");
    WORLD.copy(
        WORLD.directory().resolve("processes/phases/installing.bpmn"),
        "processes/phases/restoring.bpmn",
        "\"installing\"",
        "\"restoring\"",
        "camunda:topic=\"startService\"",
        "camunda:topic=\"restoreDocumentSnapshot\"",
        "<camunda:inputParameter name=\"service\">machine<",
        "<camunda:inputParameter name=\"documents\">${decision}<");
    WORLD.copy(
        WORLD.directory().resolve("processes/runbooks/web-test.bpmn"),
        "processes/runbooks/web-restore.bpmn",
        "\"web-test\"",
        "\"web-restore\"",
        "Start web-test",
        "Start web-restore",
        "calledElement=\"installing\"",
        "calledElement=\"restoring\"");
    WORLD.copy(
        WORLD.directory().resolve("processes/phases/installing.bpmn"),
        "processes/phases/breaking.bpmn",
        "\"installing\"",
        "\"breaking\"",
        "camunda:topic=\"startService\">\n  <bpmn:extensionElements>",
        "camunda:topic=\"breakForGood\">\n  <bpmn:extensionElements><camunda:properties>"
            + "<camunda:property name=\"irreversible\" value=\"true\" /></camunda:properties>");
    WORLD.copy(
        WORLD.directory().resolve("processes/runbooks/web-test.bpmn"),
        "processes/runbooks/web-break.bpmn",
        "\"web-test\"",
        "\"web-break\"",
        "Start web-test",
        "Start web-break",
        "calledElement=\"deciding\"",
        "calledElement=\"breaking\"",
        "      <bpmn:incoming>Flow_DecidingPassed_No</bpmn:incoming>\n",
        "",
        "<bpmn:incoming>Flow_DecidingPassed_Yes</bpmn:incoming>",
        "<bpmn:incoming>Flow_DecidingPassed_Yes</bpmn:incoming>"
            + "<bpmn:incoming>Flow_DecidingPassed_No</bpmn:incoming>",
        "sourceRef=\"Gateway_DecidingPassed\" targetRef=\"Undone_Counting\"",
        "sourceRef=\"Gateway_DecidingPassed\" targetRef=\"End_Completed\"");
    // A phase that always fails, and a runbook that goes on all the same.
    WORLD.copy(
        WORLD.directory().resolve("processes/phases/installing.bpmn"),
        "processes/phases/failing.bpmn",
        "\"installing\"",
        "\"failing\"",
        "\"End_Passed\"",
        "\"End_Failed_Bad\"");
    WORLD.copy(
        WORLD.directory().resolve("processes/runbooks/web-test.bpmn"),
        "processes/runbooks/web-ignore.bpmn",
        "\"web-test\"",
        "\"web-ignore\"",
        "Start web-test",
        "Start web-ignore",
        "calledElement=\"installing\"",
        "calledElement=\"failing\"",
        "calledElement=\"deciding\"",
        "calledElement=\"breaking\"",
        "      <bpmn:incoming>Flow_CountingPassed_No</bpmn:incoming>\n",
        "",
        "<bpmn:incoming>Flow_CountingPassed_Yes</bpmn:incoming>",
        "<bpmn:incoming>Flow_CountingPassed_Yes</bpmn:incoming>"
            + "<bpmn:incoming>Flow_CountingPassed_No</bpmn:incoming>",
        "sourceRef=\"Gateway_CountingPassed\" targetRef=\"Undone_Counting\"",
        "sourceRef=\"Gateway_CountingPassed\" targetRef=\"Phase_Deciding\"");
    // A phase that goes on past the no of a phase that it called.
    WORLD.copy(
        WORLD.directory().resolve("processes/phases/breaking.bpmn"),
        "processes/phases/nesting.bpmn",
        "\"breaking\"",
        "\"nesting\"",
        "<bpmn:sequenceFlow id=\"Flow_Start_To_Task_Decide\" sourceRef=\"Start\""
            + " targetRef=\"Task_Decide\" />",
        """
        <bpmn:callActivity id="Phase_Inner" name="Inner phase" camunda:asyncBefore="true" calledElement="failing" camunda:calledElementBinding="deployment">
          <bpmn:extensionElements><camunda:in businessKey="#{execution.processBusinessKey}" /><camunda:in variables="all" /></bpmn:extensionElements>
          <bpmn:incoming>Flow_Start_To_Inner</bpmn:incoming><bpmn:outgoing>Flow_Start_To_Task_Decide</bpmn:outgoing>
        </bpmn:callActivity>
        <bpmn:sequenceFlow id="Flow_Start_To_Inner" sourceRef="Start" targetRef="Phase_Inner" />
        <bpmn:sequenceFlow id="Flow_Start_To_Task_Decide" sourceRef="Phase_Inner" targetRef="Task_Decide" />
        """,
        "<bpmn:startEvent id=\"Start\" name=\"Decision wanted\">\n"
            + "      <bpmn:outgoing>Flow_Start_To_Task_Decide<",
        "<bpmn:startEvent id=\"Start\" name=\"Decision wanted\">\n"
            + "      <bpmn:outgoing>Flow_Start_To_Inner<");
    WORLD.copy(
        WORLD.directory().resolve("processes/runbooks/web-test.bpmn"),
        "processes/runbooks/web-nest.bpmn",
        "\"web-test\"",
        "\"web-nest\"",
        "Start web-test",
        "Start web-nest",
        "calledElement=\"installing\"",
        "calledElement=\"nesting\"");
    // The same, but a way leads past the approval: the one of the phase before is all there is.
    WORLD.copy(
        WORLD.directory().resolve("processes/phases/breaking.bpmn"),
        "processes/phases/late.bpmn",
        "\"breaking\"",
        "\"late\"",
        "sourceRef=\"Task_Decide\" targetRef=\"Gateway_Go\"",
        "sourceRef=\"Task_Decide\" targetRef=\"Timer_Pause\"",
        "targetRef=\"Task_Decide\" />",
        "targetRef=\"Gateway_Go\" />",
        "sourceRef=\"Gateway_Go\" targetRef=\"End_Failed_NoGo\"",
        "sourceRef=\"Gateway_Go\" targetRef=\"Task_Decide\"");
    WORLD.copy(
        WORLD.directory().resolve("processes/runbooks/web-break.bpmn"),
        "processes/runbooks/web-late.bpmn",
        "\"web-break\"",
        "\"web-late\"",
        "Start web-break",
        "Start web-late",
        "calledElement=\"breaking\"",
        "calledElement=\"late\"");
    WORLD.use(properties);
  }

  /** Nobody can take it back. */
  static class BreakForGood extends StepDelegate<BreakForGood.Input, StepDelegate.Done> {

    record Input(@NotBlank @TargetName(ServiceTarget.class) String service) {}

    BreakForGood() {
      super(BreakForGood.Input.class, StepDelegate.Done.class);
    }

    @Override
    public Done perform(Input input, StepContext context) throws IOException {
      Files.createFile(broken());
      return new Done();
    }

    @Override
    public StepPlan.Effect effect() {
      return StepPlan.Effect.CANNOT_BE_UNDONE;
    }

    @Override
    public StepPlan plan(Input input, Environment environment) {
      return StepPlan.cannotBeUndone(input.service(), "break it");
    }
  }

  /** Changes a store whose name only the run knows. */
  static class FillStore extends StepDelegate<FillStore.Input, StepDelegate.Done> {

    record Input(@NotBlank @TargetName(RedisTarget.class) String store) {}

    FillStore() {
      super(Input.class, StepDelegate.Done.class);
    }

    @Override
    public Done perform(Input input, StepContext context) throws IOException {
      Files.createFile(installed());
      return new Done();
    }

    @Override
    public StepPlan plan(Input input, Environment environment) {
      return StepPlan.changes(input.store(), "fill it");
    }
  }

  @TestConfiguration(proxyBeanMethods = false)
  static class Steps {

    @Bean
    BreakForGood breakForGood() {
      return new BreakForGood();
    }

    @Bean
    FillStore fillStore() {
      return new FillStore();
    }
  }

  @BeforeEach
  void prepare() throws IOException {
    describe("touch");
    Files.deleteIfExists(installed());
    Files.deleteIfExists(broken());
  }

  @AfterEach
  void end() {
    engine.getJobExecutor().start();
    runtime.createProcessInstanceQuery().rootProcessInstances().list().stream()
        .map(run -> run.getProcessInstanceId())
        .forEach(caller::end);
  }

  @AfterAll
  static void stop() {
    SERVER.stop(0);
  }

  @Test
  void approvedChange_isMade_andTheApprovalIsBoundToWhatWasShown() throws Exception {
    String run = caller.start("");
    String shown = evidence(run);
    complete(run, "go").is(204);
    await().atMost(Duration.ofSeconds(40)).until(() -> Files.exists(installed()));

    String report = caller.get("vera", "/api/runs/" + run + "/report").is(200).text();
    String bound = report.replaceAll("(?s).*\"boundTo\":\"([0-9a-f]{64})\".*", "$1");
    assertThat(shown)
        .contains(
            "An approval is for models, parameters, targets and their files "
                + bound.substring(0, 12));

    // What was approved is taken back without another approval.
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    complete(run, "no-go").is(204);
    caller.awaitStatus(run, "ROLLED_BACK");
    assertThat(installed()).doesNotExist();
  }

  @Test
  void modelThatGoesOnAfterANo_changesNothing() {
    String run = caller.start("");
    complete(run, "no-go").is(204);

    assertThat(reasonOfRollback(run))
        .contains("protected target 'machine'", "nobody has approved that in this run");
    assertThat(installed()).doesNotExist();
  }

  @Test
  void modelThatGoesOnPastAFailedPhase_changesNothingMore_andIsTakenBack() {
    String run = caller.start("web-ignore", "");
    complete(run, "go").is(204);
    await().atMost(Duration.ofSeconds(40)).until(() -> Files.exists(installed()));
    complete(run, "go").is(204);

    assertThat(reasonOfRollback(run)).contains("the run goes on, but 'Counting' said failed last");
    assertThat(broken()).doesNotExist();
    assertThat(installed()).doesNotExist();
  }

  @Test
  void phaseThatGoesOnPastANoOfAPhaseThatItCalled_changesNothingMore_andIsTakenBack() {
    String run = caller.start("web-nest", "");
    complete(run, "go").is(204);
    await().atMost(Duration.ofSeconds(40)).until(() -> Files.exists(installed()));
    complete(run, "go").is(204);

    assertThat(reasonOfRollback(run))
        .contains("the run goes on, but 'Inner phase' said failed last");
    assertThat(broken()).doesNotExist();
    assertThat(installed()).doesNotExist();
  }

  @Test
  void changeOfAStoreThatWasNotBackedUp_isNotMade_whoeverApprovedIt() {
    String run = caller.start("web-fill", "");
    complete(run, "go").is(204);

    assertThat(reasonOfRollback(run))
        .contains("protected target 'go'", "this run has no verified backup");
    assertThat(installed()).doesNotExist();
  }

  @Test
  void restoreOfASnapshotOverLiveFiles_isNotMade_withoutAnApproval() {
    String run = caller.start("web-restore", "");
    complete(run, "no-go").is(204);

    assertThat(reasonOfRollback(run))
        .contains("protected target 'no-go'", "nobody has approved that in this run");
  }

  @Test
  void stepThatCannotBeUndone_needsAnApprovalOfItsOwn_notThatOfTheChangesBefore() {
    String run = caller.start("web-break", "");
    complete(run, "go").is(204);
    await().atMost(Duration.ofSeconds(40)).until(() -> Files.exists(installed()));
    complete(run, "no-go").is(204);

    caller.awaitStatus(run, "ROLLBACK_INCOMPLETE"); // its last phase did not pass
    assertThat(caller.get("vera", "/api/runs/" + run + "/journal?limit=500").is(200).text())
        .contains("it cannot be undone, and nobody has approved it");
    assertThat(broken()).doesNotExist();
  }

  @Test
  void stepThatCannotBeUndone_isDoneAfterItsApproval() {
    String run = caller.start("web-break", "");
    complete(run, "go").is(204);
    await().atMost(Duration.ofSeconds(40)).until(() -> Files.exists(installed()));
    complete(run, "go").is(204);

    caller.awaitStatus(run, "COMPLETED");
    assertThat(broken()).exists();
  }

  @Test
  void parameterThatChangesAfterTheApproval_makesItWorthless() {
    String run = caller.start("\"pause\":\"PT1H\"");
    complete(run, "go").is(204);
    Job pause = await().until(this::pause, job -> job != null);
    // In the database: the engine lets nobody do it.
    assertThat(
            jdbc.update(
                "UPDATE ACT_RU_VARIABLE SET LONG_ = 999, TEXT_ = '999'"
                    + " WHERE NAME_ = 'count' AND EXECUTION_ID_ = ?",
                run))
        .isOne();
    management.setJobDuedate(pause.getId(), new Date());

    assertThat(reasonOfRollback(run)).contains("the run is not as it was approved any more");
    assertThat(installed()).doesNotExist();
  }

  @Test
  void commandThatChangesAfterTheApproval_makesItWorthless() throws IOException {
    String run = caller.start("\"pause\":\"PT1H\"");
    complete(run, "go").is(204);
    Job pause = await().until(this::pause, job -> job != null);
    describe("mkdir");
    management.setJobDuedate(pause.getId(), new Date());

    assertThat(reasonOfRollback(run)).contains("the run is not as it was approved any more");
    assertThat(installed()).doesNotExist();
  }

  @Test
  void scriptWhoseContentChangesAfterTheApproval_makesItWorthless() throws IOException {
    Path script = WORLD.directory().resolve("install.sh").toAbsolutePath();
    Files.writeString(script, "touch \"$1\"");
    describe("sh, " + script);
    String run = caller.start("\"pause\":\"PT1H\"");
    complete(run, "go").is(204);
    Job pause = await().until(this::pause, job -> job != null);
    Files.writeString(script, "touch \"$1\" \"$1-and-more\"");
    management.setJobDuedate(pause.getId(), new Date());

    assertThat(reasonOfRollback(run)).contains("the run is not as it was approved any more");
    assertThat(installed()).doesNotExist();
    assertThat(
            caller
                .get("vera", "/api/runbooks/web-test/plan?environment=test")
                .is(200)
                .body()
                .path("files")
                .path(script.toString())
                .asText())
        .hasSize(64);
  }

  @Test
  void systemAcceptedAfterTheApproval_makesItWorthless() throws IOException {
    String run = caller.start("\"pause\":\"PT1H\"");
    complete(run, "go").is(204);
    Job pause = await().until(this::pause, job -> job != null);
    acceptAnother(run, "machine");
    management.setJobDuedate(pause.getId(), new Date());

    assertThat(reasonOfRollback(run)).contains("the run is not as it was approved any more");
    assertThat(installed()).doesNotExist();
  }

  @Test
  void systemAcceptedWhileTheApproverLooks_isNotApproved() throws IOException {
    String run = caller.start("");
    evidence(run);
    acceptAnother(run, "machine");

    assertThat(complete(run, "go").is(403).text()).contains("have changed since");
  }

  @Test
  void backupOfTheFormerSystem_isNone() throws IOException {
    engine.getJobExecutor().shutdown(); // nobody is asked yet
    String run = caller.start("web-fill", "");
    backUp(run, "{\"caches\":[\"go\"]}");
    acceptAnother(run, "go");
    engine.getJobExecutor().start();
    complete(run, "go").is(204);

    assertThat(reasonOfRollback(run))
        .contains("no verified backup since another system was accepted");
    assertThat(installed()).doesNotExist();
  }

  @Test
  void backupAndApprovalOfTheAcceptedSystem_allowItsChange() throws IOException {
    engine.getJobExecutor().shutdown(); // nobody is asked yet
    String run = caller.start("web-fill", "");
    acceptAnother(run, "go");
    backUp(run, "{\"caches\":[\"go\"]}");
    engine.getJobExecutor().start();
    complete(run, "go").is(204);

    await().atMost(Duration.ofSeconds(40)).until(() -> Files.exists(installed()));
    // Its step may end at this moment.
    await()
        .ignoreException(OptimisticLockingException.class)
        .until(
            () -> {
              runtime.deleteProcessInstanceIfExists(
                  run, "it has no undo", false, false, false, false);
              return true;
            });
  }

  @Test
  void acceptanceOfAFormerVersion_mayBeOfAnyTarget() {
    engine.getJobExecutor().shutdown(); // nobody is asked yet
    String run = caller.start("web-fill", "");
    backUp(run, "{\"caches\":[\"go\"]}");
    journal.append(
        JournalEntry.of(run, Kind.TARGET_ACCEPTED, "go is another from now on: moved").by("olga"));
    engine.getJobExecutor().start();
    complete(run, "go").is(204);

    assertThat(reasonOfRollback(run))
        .contains("no verified backup since another system was accepted");
  }

  @Test
  void irreversibleStep_isNotDone_onASystemAcceptedAfterItsApproval() throws IOException {
    String run = caller.start("web-break", "\"pause\":\"PT1H\"");
    complete(run, "go").is(204);
    Job first = await().until(this::pause, job -> job != null);
    management.setJobDuedate(first.getId(), new Date());
    await().atMost(Duration.ofSeconds(40)).until(() -> Files.exists(installed()));
    complete(run, "go").is(204);
    Job second = await().until(this::pause, job -> job != null);
    acceptAnother(run, "machine");
    management.setJobDuedate(second.getId(), new Date());

    caller.awaitStatus(run, "ROLLBACK_INCOMPLETE"); // its last phase did not pass
    assertThat(caller.get("vera", "/api/runs/" + run + "/journal?limit=500").is(200).text())
        .contains("the approval was given before another system became its target");
    assertThat(broken()).doesNotExist();
  }

  /** As if a step had found another system at the same address, and the starter accepted it. */
  private void acceptAnother(String run, String target) throws IOException {
    String of = " WHERE run_id = ? AND target = ?";
    ObjectNode known =
        (ObjectNode)
            json.readTree(
                jdbc.queryForObject(
                    "SELECT known FROM belay_run_target" + of, String.class, run, target));
    known.set("refused", known.get("now"));
    jdbc.update("UPDATE belay_run_target SET known = ?" + of, known.toString(), run, target);
    caller
        .post(
            "olga", "/api/runs/" + run + "/targets/" + target + "/accept", "{\"reason\":\"moved\"}")
        .is(200);
  }

  /** As if the run had taken and verified a backup. */
  private void backUp(String run, String input) {
    for (String step : List.of("takeRedisBackup", "verifyBackup")) {
      String key = UUID.randomUUID().toString();
      for (Kind kind : List.of(Kind.INTENT, Kind.RESULT)) {
        journal.append(
            JournalEntry.of(run, kind, "by the test")
                .at(run, "Task_" + step)
                .ofStep(step, key)
                .with(read(kind == Kind.INTENT ? input : "{\"verdict\":\"PASS\"}")));
      }
    }
  }

  private JsonNode read(String text) {
    try {
      return json.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void irreversibleStep_isNotDone_whenItsApprovalIsOlderThanTheLastChange() {
    String run = caller.start("web-late", "");
    complete(run, "go").is(204); // to install; nobody is asked after that
    caller.awaitStatus(run, "ROLLBACK_INCOMPLETE"); // its last phase did not pass

    assertThat(installed()).exists();
    assertThat(caller.get("vera", "/api/runs/" + run + "/journal?limit=500").is(200).text())
        .contains("it cannot be undone, and the approval was given before the last change");
    assertThat(broken()).doesNotExist();
  }

  @Test
  void targetThatChangesWhileTheApproverLooks_isNotApproved() throws IOException {
    String run = caller.start("");
    evidence(run);
    describe("mkdir");

    assertThat(complete(run, "go").is(403).text()).contains("have changed since");
  }

  private Job pause() {
    return management.createJobQuery().timers().activityId("Timer_Pause").singleResult();
  }

  private String reasonOfRollback(String run) {
    JsonNode view = caller.awaitStatus(run, "ROLLED_BACK", "WAITING_FOR_PERSON", "INCIDENT");
    assertThat(view.path("status").asText()).isEqualTo("ROLLED_BACK");
    return view.path("reason").asText();
  }

  private String evidence(String run) {
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    return caller.get("anna", "/api/tasks?run=" + run).is(200).body().at("/0/form").toString();
  }

  private Answer complete(String run, String decision) {
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    return caller.post(
        "anna",
        "/api/tasks/" + caller.openTask(run) + "/complete",
        "{\"values\":{\"decision\":\"%s\",\"reason\":\"as you see\",\"looked\":true}}"
            .formatted(decision));
  }

  private static Path installed() {
    return WORLD.directory().resolve("installed").toAbsolutePath();
  }

  private static Path broken() {
    return installed().resolveSibling("broken");
  }

  /** The environment, with that command to install. */
  private static void describe(String command) throws IOException {
    Files.writeString(
        WORLD.directory().resolve("environments/test.yml"),
        """
        targets:
          go: {type: redis, protected: true, host: 127.0.0.1, port: 9}
          no-go: {type: document-store, protected: true, legacy: %4$s}
          machine:
            type: service
            protected: true
            url: http://127.0.0.1:%3$d
            start: {arguments: [%1$s, %2$s]}
            stop: {arguments: [rm, -rf, %2$s]}
            running: {arguments: [test, -e, %2$s]}
        """
            .formatted(
                command,
                installed(),
                SERVER.getAddress().getPort(),
                installed().resolveSibling("documents")));
  }
}
