package io.belay.engine.law;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords.RunRecord;
import io.belay.step.StepTask;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.impl.cfg.StandaloneInMemProcessEngineConfiguration;
import org.camunda.bpm.engine.runtime.ProcessInstance;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.ExclusiveGateway;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.StaticListableBeanFactory;

/** Where steps and tasks stand in the models of a run. */
class StepPlacesTest {

  private static ProcessEngine engine;

  private final Journal journal = mock(Journal.class);
  private final StepPlaces places =
      new StepPlaces(
          journal,
          new StaticListableBeanFactory(Map.of("engine", engine))
              .getBeanProvider(ProcessEngine.class));
  private ProcessInstance instance;
  private RunRecord run;

  @BeforeAll
  static void start() {
    var configuration = new StandaloneInMemProcessEngineConfiguration();
    configuration.setProcessEngineName("places" + UUID.randomUUID());
    configuration.setJdbcUrl("jdbc:h2:mem:" + UUID.randomUUID());
    configuration.setJobExecutorActivate(false);
    configuration.setDbMetricsReporterActivate(false);
    configuration.setEnforceHistoryTimeToLive(false);
    engine = configuration.buildProcessEngine();
    BpmnModelInstance runbook =
        Bpmn.createExecutableProcess("runbook")
            .startEvent()
            .callActivity("Phase_First")
            .name("First")
            .calledElement("phase")
            .exclusiveGateway("Gateway_First")
            .condition("yes", "${firstOutcome == 'passed'}")
            .callActivity("Phase_Second")
            .calledElement("phase")
            .exclusiveGateway("Join_Second")
            .exclusiveGateway("Gateway_Second")
            .condition("yes", "${secondOutcome == 'passed'}")
            .userTask("Task_Announce")
            .exclusiveGateway("Join_End")
            .endEvent()
            .moveToNode("Gateway_Second")
            .sequenceFlowId("Flow_Second_No")
            .exclusiveGateway("Join_Finish")
            .userTask("Task_FinishSecond")
            .connectTo("Join_End")
            .moveToNode("Gateway_First")
            .sequenceFlowId("Flow_First_No")
            .exclusiveGateway("Gateway_Other")
            .condition("finish", "${way == 'finish'}")
            .userTask("Task_FinishFirst")
            .connectTo("Join_End")
            .moveToNode("Gateway_Other")
            .sequenceFlowId("Flow_Other_No")
            .userTask("Task_Other")
            .connectTo("Join_End")
            .done();
    for (String no : List.of("Flow_First_No", "Flow_Second_No", "Flow_Other_No")) {
      SequenceFlow flow = runbook.getModelElementById(no);
      ((ExclusiveGateway) flow.getSource()).setDefault(flow);
    }
    engine
        .getRepositoryService()
        .createDeployment()
        .addModelInstance("runbook.bpmn", runbook)
        .addModelInstance(
            "phase.bpmn",
            Bpmn.createExecutableProcess("phase")
                .startEvent()
                .callActivity("Phase_Inner")
                .name("Inner")
                .calledElement("inner")
                .endEvent()
                .done())
        .addModelInstance(
            "inner.bpmn",
            Bpmn.createExecutableProcess("inner")
                .startEvent()
                .userTask("Task_Wait")
                .endEvent()
                .done())
        .deploy();
  }

  @AfterAll
  static void stop() {
    engine.close();
  }

  @BeforeEach
  void run() {
    instance = engine.getRuntimeService().startProcessInstanceByKey("runbook");
    run =
        new RunRecord(
            instance.getId(),
            "r-1",
            "runbook",
            instance.getProcessDefinitionId(),
            "test",
            "olga",
            null,
            null,
            null,
            null,
            0);
  }

  private String called(String caller) {
    return engine
        .getRuntimeService()
        .createProcessInstanceQuery()
        .superProcessInstanceId(caller)
        .singleResult()
        .getId();
  }

  private static StepTask step(String instanceId, String activityId) {
    return new StepTask("key", "run", "r-1", instanceId, activityId, Map.of());
  }

  @Test
  void stepIsInEachInstance_fromItsPhaseToTheRun() {
    String phase = called(run.id());
    String inner = called(phase);

    assertThat(places.around(step(inner, "Task_Wait"), run))
        .containsExactly(inner, phase, run.id());
    assertThat(places.around(step(run.id(), "Task_Announce"), run)).containsExactly(run.id());
    assertThat(places.around(step("gone", "Task_Wait"), run)).containsExactly("gone", run.id());
  }

  @Test
  void activityHasTheNameOfItsOwnModel() {
    when(journal.entries(run.id(), Kind.PHASE_STARTED))
        .thenReturn(List.of(JournalEntry.of(run.id(), Kind.PHASE_STARTED, "phase").at("p", null)));

    assertThat(places.name(run, "p", "Phase_Inner")).isEqualTo("Inner");
    assertThat(places.name(run, run.id(), "Phase_First")).isEqualTo("First");
    assertThat(places.name(run, run.id(), "Phase_Second")).isEqualTo("Phase_Second");
    assertThat(places.name(run, run.id(), "Phase_Inner")).isEqualTo("Phase_Inner");
  }

  @Test
  void taskBehindTheNo_answersForThatPhaseOnly() {
    assertThat(places.answeredBy(run, "Task_FinishSecond")).containsExactly("Phase_Second");
  }

  @Test
  void taskElsewhere_answersForNothing() {
    assertThat(places.answeredBy(run, "Task_Announce")).as("behind the yes").isEmpty();
    assertThat(places.answeredBy(run, "Task_FinishFirst")).as("another answer").isEmpty();
    assertThat(places.answeredBy(run, "Task_Other")).as("another question's no").isEmpty();
    assertThat(places.answeredBy(run, "Task_Unknown")).isEmpty();
  }
}
