package io.belay.engine.law;

import static io.belay.model.Unchecked.withoutAuthorization;

import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords.RunRecord;
import io.belay.step.StepTask;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.impl.bpmn.behavior.ExclusiveGatewayActivityBehavior;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.camunda.bpm.engine.impl.interceptor.CommandContext;
import org.camunda.bpm.engine.impl.persistence.deploy.cache.DeploymentCache;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.camunda.bpm.engine.impl.pvm.PvmActivity;
import org.camunda.bpm.engine.impl.pvm.PvmTransition;
import org.camunda.bpm.engine.impl.pvm.process.ActivityImpl;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/** Where in the models of its run a step or a task stands. */
@Component
@Profile("!agent")
class StepPlaces {

  private final Journal journal;
  private final ObjectProvider<ProcessEngine> engine;

  StepPlaces(Journal journal, ObjectProvider<ProcessEngine> engine) {
    this.journal = journal;
    this.engine = engine;
  }

  /** Whether the step is in an undo phase, or is a compensation handler itself. */
  boolean takesBack(StepTask task, RunRecord run) {
    Optional<JournalEntry> phase = phase(run, task.instanceId());
    if (phase.isEmpty() && !task.instanceId().equals(run.id())) {
      return false;
    }
    return phase.map(JournalEntry::payload).map(told -> told.path("undo").asBoolean()).orElse(false)
        || activity(run, task.instanceId(), task.activityId())
            .filter(ActivityImpl::isCompensationHandler)
            .isPresent();
  }

  /** The process instances that the step is in, from its phase to the run itself. */
  Set<String> around(StepTask task, RunRecord run) {
    Set<String> instances = new LinkedHashSet<>(Set.of(task.instanceId()));
    instances.addAll(
        inEngine(
            context -> {
              List<String> callers = new ArrayList<>();
              ExecutionEntity at =
                  context.getExecutionManager().findExecutionById(task.instanceId());
              while (at != null && at.getSuperExecution() != null) {
                at = at.getSuperExecution().getProcessInstance();
                callers.add(at.getId());
              }
              return callers;
            }));
    instances.add(run.id());
    return instances;
  }

  /** The name of an activity of that instance's model; its id where it has none. */
  String name(RunRecord run, String instanceId, String activityId) {
    return activity(run, instanceId, activityId).map(ActivityImpl::getName).orElse(activityId);
  }

  /**
   * The activities of the runbook that a person answers for who completes that task of it: those
   * whose gate leads to the task when it is not answered by yes (its default flow). Empty for a
   * task that is reached otherwise.
   */
  Set<String> answeredBy(RunRecord run, String taskId) {
    Set<String> answered = new HashSet<>();
    activity(run, run.id(), taskId).ifPresent(task -> collect(task, false, answered));
    return answered;
  }

  /**
   * @param denied whether a gate's no lies between {@code node} and the task
   */
  private static void collect(PvmActivity node, boolean denied, Set<String> answered) {
    for (PvmTransition incoming : node.getIncomingTransitions()) {
      PvmActivity source = incoming.getSource();
      if (!(source.getActivityBehavior() instanceof ExclusiveGatewayActivityBehavior)) {
        if (denied) {
          answered.add(source.getId());
        }
      } else if (source.getOutgoingTransitions().size() == 1) {
        collect(source, denied, answered);
      } else if (!denied && incoming.getId().equals(source.getProperty("default"))) {
        collect(source, true, answered);
      }
    }
  }

  private Optional<JournalEntry> phase(RunRecord run, String instanceId) {
    return journal.entries(run.id(), Kind.PHASE_STARTED).stream()
        .filter(entry -> instanceId.equals(entry.instanceId()))
        .findFirst();
  }

  private Optional<ActivityImpl> activity(RunRecord run, String instanceId, String activityId) {
    Optional<String> phase = phase(run, instanceId).map(JournalEntry::text);
    return inEngine(
        context -> {
          DeploymentCache models = context.getProcessEngineConfiguration().getDeploymentCache();
          var runbook = models.findDeployedProcessDefinitionById(run.definitionId());
          return Optional.ofNullable(
              phase
                  .map(
                      key ->
                          models.findDeployedProcessDefinitionByDeploymentAndKey(
                              runbook.getDeploymentId(), key))
                  .orElse(runbook)
                  .findActivity(activityId));
        });
  }

  private <T> T inEngine(Function<CommandContext, T> read) {
    return ((ProcessEngineConfigurationImpl) engine.getObject().getProcessEngineConfiguration())
        .getCommandExecutorTxRequired()
        .execute(context -> withoutAuthorization(() -> read.apply(context)));
  }
}
