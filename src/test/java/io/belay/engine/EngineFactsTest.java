package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.ProcessEngineConfiguration;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.delegate.JavaDelegate;
import org.camunda.bpm.engine.exception.NotFoundException;
import org.camunda.bpm.engine.externaltask.LockedExternalTask;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.camunda.bpm.engine.impl.cfg.StandaloneInMemProcessEngineConfiguration;
import org.camunda.bpm.engine.impl.jobexecutor.DefaultJobExecutor;
import org.camunda.bpm.engine.runtime.Job;
import org.camunda.bpm.engine.task.Task;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.builder.AbstractFlowNodeBuilder;
import org.camunda.bpm.spring.boot.starter.property.CamundaBpmProperties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the shape of runbooks rests on: facts of Camunda 7.24 as it comes. If one of these fails
 * with another engine, the consequence that DESIGN or a decision record draws from it must be
 * looked at.
 */
class EngineFactsTest {

  private static final List<String> done = new ArrayList<>();
  private static final Map<Object, Object> beans = new HashMap<>();
  private static ProcessEngine engine;
  private static RuntimeService runtime;

  @BeforeAll
  static void start() {
    engine = engine(configuration());
    runtime = engine.getRuntimeService();
  }

  @AfterAll
  static void stop() {
    engine.close();
  }

  @BeforeEach
  void forgetEverything() {
    var repository = engine.getRepositoryService();
    repository
        .createDeploymentQuery()
        .list()
        .forEach(deployment -> repository.deleteDeployment(deployment.getId(), true));
    done.clear();
    beans.put("work", (JavaDelegate) execution -> done.add(execution.getCurrentActivityId()));
  }

  private static ProcessEngineConfigurationImpl configuration() {
    var configuration = new StandaloneInMemProcessEngineConfiguration();
    configuration.setProcessEngineName("facts" + UUID.randomUUID());
    configuration.setJdbcUrl("jdbc:h2:mem:" + UUID.randomUUID());
    configuration.setJobExecutorActivate(false);
    configuration.setDbMetricsReporterActivate(false);
    configuration.setHistoryTimeToLive("P1D");
    configuration.setBeans(beans);
    configuration.setEnableCmdExceptionLogging(false);
    return configuration;
  }

  private static ProcessEngine engine(ProcessEngineConfiguration configuration) {
    return configuration.buildProcessEngine();
  }

  // ------------------------------------------------------------------ compensation

  @Test
  void untargetedThrow_startsAllHandlersAtOnce() {
    deploy(
        twoPhases(true)
            .intermediateThrowEvent("Undone")
            .compensateEventDefinition()
            .compensateEventDefinitionDone()
            .endEvent()
            .done());
    runtime.startProcessInstanceByKey("ladder");

    assertThat(openTasks()).containsExactlyInAnyOrder("Undo_A", "Undo_B");
  }

  @Test
  void targetedThrows_takeOneAfterTheOther() {
    deploy(
        twoPhases(true)
            .intermediateThrowEvent("Undone_B")
            .compensateEventDefinition()
            .activityRef("Phase_B")
            .compensateEventDefinitionDone()
            .intermediateThrowEvent("Undone_A")
            .compensateEventDefinition()
            .activityRef("Phase_A")
            .compensateEventDefinitionDone()
            .endEvent()
            .done());
    String run = runtime.startProcessInstanceByKey("ladder").getId();

    assertThat(openTasks()).containsExactly("Undo_B");
    complete();
    assertThat(openTasks()).containsExactly("Undo_A");
    complete();
    assertThat(isOver(run)).isTrue();
  }

  @Test
  void targetedThrow_forWhatNeverRan_orWasUndone_passesThrough() {
    deploy(
        Bpmn.createExecutableProcess("ladder")
            .startEvent()
            .exclusiveGateway("Skip")
            .sequenceFlowId("never")
            .condition("never", "${false}")
            .manualTask("Phase_A")
            .boundaryEvent("Boundary_A")
            .compensateEventDefinition()
            .compensateEventDefinitionDone()
            .compensationStart()
            .serviceTask("Undo_A")
            .camundaDelegateExpression("${work}")
            .compensationDone()
            .moveToActivity("Phase_A")
            .endEvent()
            .moveToNode("Skip")
            .manualTask("Phase_B")
            .boundaryEvent("Boundary_B")
            .compensateEventDefinition()
            .compensateEventDefinitionDone()
            .compensationStart()
            .serviceTask("Undo_B")
            .camundaDelegateExpression("${work}")
            .compensationDone()
            .moveToActivity("Phase_B")
            .intermediateThrowEvent("Undone_B")
            .compensateEventDefinition()
            .activityRef("Phase_B")
            .compensateEventDefinitionDone()
            .intermediateThrowEvent("Undone_B_again")
            .compensateEventDefinition()
            .activityRef("Phase_B")
            .compensateEventDefinitionDone()
            .intermediateThrowEvent("Undone_A")
            .compensateEventDefinition()
            .activityRef("Phase_A")
            .compensateEventDefinitionDone()
            .endEvent()
            .done());
    String run = runtime.startProcessInstanceByKey("ladder").getId();

    assertThat(isOver(run)).isTrue();
    assertThat(done).containsExactly("Undo_B");
  }

  @Test
  void asyncBeforeOnAHandler_isIgnored_onTheThrowItWorks() {
    BpmnModelInstance model =
        Bpmn.createExecutableProcess("ladder")
            .startEvent()
            .manualTask("Phase_A")
            .boundaryEvent("Boundary_A")
            .compensateEventDefinition()
            .compensateEventDefinitionDone()
            .compensationStart()
            .serviceTask("Undo_A")
            .camundaAsyncBefore()
            .camundaDelegateExpression("${work}")
            .compensationDone()
            .moveToActivity("Phase_A")
            .intermediateThrowEvent("Undone_A")
            .camundaAsyncBefore()
            .compensateEventDefinition()
            .activityRef("Phase_A")
            .compensateEventDefinitionDone()
            .endEvent()
            .done();
    deploy(model);
    String run = runtime.startProcessInstanceByKey("ladder").getId();

    Job job = engine.getManagementService().createJobQuery().singleResult();
    assertThat(
            engine
                .getManagementService()
                .createJobDefinitionQuery()
                .jobDefinitionId(job.getJobDefinitionId())
                .singleResult()
                .getActivityId())
        .isEqualTo("Undone_A");
    engine.getManagementService().executeJob(job.getId());
    assertThat(done).containsExactly("Undo_A");
    assertThat(isOver(run)).isTrue();
  }

  @Test
  void interruptedPhase_isNeverCompensated() {
    deploy(Bpmn.createExecutableProcess("phase").startEvent().userTask("Wait").endEvent().done());
    var calling =
        Bpmn.createExecutableProcess("ladder")
            .startEvent()
            .callActivity("Phase_A")
            .calledElement("phase")
            .boundaryEvent("Boundary_A")
            .compensateEventDefinition()
            .compensateEventDefinitionDone()
            .compensationStart()
            .serviceTask("Undo_A")
            .camundaDelegateExpression("${work}")
            .compensationDone();
    deploy(
        calling
            .moveToActivity("Phase_A")
            .endEvent()
            .moveToActivity("Phase_A")
            .boundaryEvent("Interrupted")
            .message("Abort")
            .intermediateThrowEvent("Undone_A")
            .compensateEventDefinition()
            .activityRef("Phase_A")
            .compensateEventDefinitionDone()
            .endEvent()
            .done());
    String run = runtime.startProcessInstanceByKey("ladder").getId();
    runtime.correlateMessage("Abort");

    assertThat(isOver(run)).isTrue();
    assertThat(done).isEmpty();
  }

  @Test
  void compensation_doesNotReachIntoACalledProcess() {
    deploy(phase("called", "Phase_A", false).endEvent().done());
    deploy(
        Bpmn.createExecutableProcess("ladder")
            .startEvent()
            .callActivity("Call")
            .calledElement("called")
            .intermediateThrowEvent("Undone")
            .compensateEventDefinition()
            .compensateEventDefinitionDone()
            .endEvent()
            .done());
    String run = runtime.startProcessInstanceByKey("ladder").getId();

    assertThat(isOver(run)).isTrue();
    assertThat(done).isEmpty();
  }

  @Test
  void handlersOfAMultiInstance_allSeeTheLastItemsVariables() {
    beans.put(
        "tell",
        (JavaDelegate) execution -> done.add("undo of " + execution.getVariable("instance")));
    deploy(
        Bpmn.createExecutableProcess("batch")
            .startEvent()
            .subProcess("Replace")
            .embeddedSubProcess()
            .startEvent()
            .serviceTask("Remember")
            .camundaExpression("${execution.setVariable('instance', loopCounter)}")
            .endEvent()
            .subProcessDone()
            .multiInstance()
            .sequential()
            .cardinality("3")
            .multiInstanceDone()
            .boundaryEvent("Boundary")
            .compensateEventDefinition()
            .compensateEventDefinitionDone()
            .compensationStart()
            .serviceTask("Undo")
            .camundaDelegateExpression("${tell}")
            .compensationDone()
            .moveToActivity("Replace")
            .intermediateThrowEvent("Undone")
            .compensateEventDefinition()
            .activityRef("Replace")
            .compensateEventDefinitionDone()
            .endEvent()
            .done());
    runtime.startProcessInstanceByKey("batch");

    // Instances 0, 1 and 2 were replaced.
    assertThat(done).containsExactly("undo of 2", "undo of 2", "undo of 2");
  }

  // ------------------------------------------------------------------ tasks and errors

  @Test
  void interruptedExternalTask_isDeletedUnderItsWorker() {
    deploy(
        Bpmn.createExecutableProcess("phase")
            .startEvent()
            .serviceTask("Work")
            .camundaExternalTask("topic")
            .boundaryEvent("Interrupted")
            .message("Abort")
            .endEvent()
            .moveToActivity("Work")
            .endEvent()
            .done());
    String run = runtime.startProcessInstanceByKey("phase").getId();
    var tasks = engine.getExternalTaskService();
    LockedExternalTask task =
        tasks.fetchAndLock(1, "worker").topic("topic", 60_000).execute().get(0);
    runtime.correlateMessage("Abort");

    assertThat(isOver(run)).isTrue();
    assertThatThrownBy(() -> tasks.complete(task.getId(), "worker"))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> tasks.extendLock(task.getId(), "worker", 60_000))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void unhandledBpmnError_endsTheInstanceSilently_unlessToldOtherwise() {
    BpmnModelInstance model =
        Bpmn.createExecutableProcess("phase")
            .startEvent()
            .serviceTask("Work")
            .camundaExternalTask("topic")
            .endEvent()
            .done();
    deploy(model);
    String run = runtime.startProcessInstanceByKey("phase").getId();
    String task =
        engine
            .getExternalTaskService()
            .fetchAndLock(1, "worker")
            .topic("topic", 60_000)
            .execute()
            .get(0)
            .getId();
    engine.getExternalTaskService().handleBpmnError(task, "worker", "STOP");
    assertThat(isOver(run)).isTrue();

    ProcessEngineConfigurationImpl strict = configuration();
    strict.setEnableExceptionsAfterUnhandledBpmnError(true);
    ProcessEngine other = engine(strict);
    try {
      other.getRepositoryService().createDeployment().addModelInstance("m.bpmn", model).deploy();
      other.getRuntimeService().startProcessInstanceByKey("phase");
      String open =
          other
              .getExternalTaskService()
              .fetchAndLock(1, "worker")
              .topic("topic", 60_000)
              .execute()
              .get(0)
              .getId();
      assertThatThrownBy(
              () -> other.getExternalTaskService().handleBpmnError(open, "worker", "STOP"))
          .hasMessageContaining("STOP");
      assertThat(other.getRuntimeService().createProcessInstanceQuery().count()).isEqualTo(1);
    } finally {
      other.close();
    }
  }

  // ------------------------------------------------------------------ settings

  @Test
  void textOverFourThousandCharacters_failsTheTransaction() {
    deploy(Bpmn.createExecutableProcess("p").startEvent().userTask().endEvent().done());
    assertThatCode(() -> runtime.startProcessInstanceByKey("p", Map.of("text", "x".repeat(4000))))
        .doesNotThrowAnyException();
    assertThatThrownBy(
            () -> runtime.startProcessInstanceByKey("p", Map.of("text", "x".repeat(4001))))
        .isInstanceOf(RuntimeException.class);
    assertThat(runtime.createProcessInstanceQuery().count()).isEqualTo(1);
  }

  @Test
  void defaults_areNotWhatARunbookNeeds() {
    DefaultJobExecutor executor = new DefaultJobExecutor();
    assertThat(executor.getMaxWait()).isEqualTo(60_000);
    assertThat(executor.getLockTimeInMillis()).isEqualTo(5 * 60_000);
    assertThat(configuration().getDefaultSerializationFormat())
        .isEqualTo("application/x-java-serialized-object");
    assertThat(new CamundaBpmProperties().getDeploymentResourcePattern())
        .isNotEmpty()
        .noneMatch(pattern -> pattern.endsWith("form"));
  }

  @Test
  void modelWithoutHistoryTimeToLive_isRefused() {
    ProcessEngineConfigurationImpl configuration = configuration();
    configuration.setHistoryTimeToLive(null);
    ProcessEngine strict = engine(configuration);
    try {
      BpmnModelInstance model = Bpmn.createExecutableProcess("p").startEvent().endEvent().done();
      model
          .getModelElementsByType(org.camunda.bpm.model.bpmn.instance.Process.class)
          .forEach(process -> process.setCamundaHistoryTimeToLiveString(null));
      assertThatThrownBy(
              () ->
                  strict
                      .getRepositoryService()
                      .createDeployment()
                      .addModelInstance("m.bpmn", model)
                      .deploy())
          .hasMessageContaining("TTL");
    } finally {
      strict.close();
    }
  }

  // ------------------------------------------------------------------

  private static AbstractFlowNodeBuilder<?, ?> phase(String key, String id, boolean waits) {
    return undoable(Bpmn.createExecutableProcess(key).startEvent().manualTask(id), id, waits);
  }

  private static AbstractFlowNodeBuilder<?, ?> twoPhases(boolean wait) {
    return undoable(phase("ladder", "Phase_A", wait).manualTask("Phase_B"), "Phase_B", wait);
  }

  /** Attaches an undo to the task and goes on behind the task. */
  private static AbstractFlowNodeBuilder<?, ?> undoable(
      org.camunda.bpm.model.bpmn.builder.ManualTaskBuilder task, String id, boolean waits) {
    String undo = id.replace("Phase", "Undo");
    var start =
        task.boundaryEvent("Boundary_" + id)
            .compensateEventDefinition()
            .compensateEventDefinitionDone()
            .compensationStart();
    var handler =
        waits ? start.userTask(undo) : start.serviceTask(undo).camundaDelegateExpression("${work}");
    handler.compensationDone();
    return task;
  }

  private void deploy(BpmnModelInstance model) {
    engine.getRepositoryService().createDeployment().addModelInstance("m.bpmn", model).deploy();
  }

  private List<String> openTasks() {
    return engine.getTaskService().createTaskQuery().list().stream()
        .map(Task::getTaskDefinitionKey)
        .toList();
  }

  private void complete() {
    engine
        .getTaskService()
        .complete(engine.getTaskService().createTaskQuery().singleResult().getId());
  }

  private boolean isOver(String run) {
    return runtime.createProcessInstanceQuery().processInstanceId(run).count() == 0;
  }
}
