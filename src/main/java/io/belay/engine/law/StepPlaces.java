package io.belay.engine.law;

import static io.belay.model.Unchecked.withoutAuthorization;

import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords.RunRecord;
import io.belay.step.StepTask;
import java.util.Optional;
import java.util.function.BiFunction;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.camunda.bpm.engine.impl.persistence.deploy.cache.DeploymentCache;
import org.camunda.bpm.engine.impl.persistence.entity.ProcessDefinitionEntity;
import org.camunda.bpm.engine.impl.pvm.process.ActivityImpl;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/** Where in the models of its run a step stands. */
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
    Optional<JournalEntry> phase =
        journal.entries(run.id(), Kind.PHASE_STARTED).stream()
            .filter(entry -> task.instanceId().equals(entry.instanceId()))
            .findFirst();
    if (phase.isEmpty() && !task.instanceId().equals(run.id())) {
      return false;
    }
    return phase.map(JournalEntry::payload).map(told -> told.path("undo").asBoolean()).orElse(false)
        || isCompensation(run, phase.map(JournalEntry::text), task.activityId());
  }

  private boolean isCompensation(RunRecord run, Optional<String> phase, String activityId) {
    return inModels(
        run,
        (models, runbook) -> {
          var model =
              phase.isEmpty()
                  ? runbook
                  : models.findDeployedProcessDefinitionByDeploymentAndKey(
                      runbook.getDeploymentId(), phase.get());
          ActivityImpl activity = model.findActivity(activityId);
          return activity != null && activity.isCompensationHandler();
        });
  }

  /** The activity's name in the runbook; its id where it has none. */
  String nameInRunbook(RunRecord run, String activityId) {
    return inModels(
        run,
        (models, runbook) -> {
          ActivityImpl activity = runbook.findActivity(activityId);
          return activity == null || activity.getName() == null ? activityId : activity.getName();
        });
  }

  private <T> T inModels(
      RunRecord run, BiFunction<DeploymentCache, ProcessDefinitionEntity, T> read) {
    var configuration =
        (ProcessEngineConfigurationImpl) engine.getObject().getProcessEngineConfiguration();
    return configuration
        .getCommandExecutorTxRequired()
        .execute(
            context ->
                withoutAuthorization(
                    () -> {
                      DeploymentCache models = configuration.getDeploymentCache();
                      return read.apply(
                          models, models.findDeployedProcessDefinitionById(run.definitionId()));
                    }));
  }
}
