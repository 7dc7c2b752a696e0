package io.belay.engine.law;

import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.step.StepCatalog;
import io.belay.step.StepPlan.Effect;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.persistence.entity.ProcessDefinitionEntity;
import org.camunda.bpm.engine.impl.pvm.process.ActivityImpl;
import org.springframework.stereotype.Component;

/** What a run has done and found so far, for the people who decide how it goes on. */
@Component
class Evidence {

  /** A text variable of the engine holds 4,000 characters. */
  private static final int LIMIT = 3900;

  private static final List<Kind> TELLING =
      List.of(
          Kind.PHASE_STARTED,
          Kind.PHASE_ENDED,
          Kind.ARTIFACT,
          Kind.RESULT,
          Kind.BUSINESS_STOP,
          Kind.GATE,
          Kind.TASK_COMPLETED,
          Kind.INCIDENT,
          Kind.SKIP_REQUESTED,
          Kind.INTERVENTION,
          Kind.TARGET_ACCEPTED);

  private final Journal journal;
  private final StepCatalog steps;

  Evidence(Journal journal, StepCatalog steps) {
    this.journal = journal;
    this.steps = steps;
  }

  /** The evidence as text, oldest first; details are left out when they do not fit. */
  String of(String runId, String deploymentId) {
    List<JournalEntry> entries =
        TELLING.stream().flatMap(kind -> journal.entries(runId, kind).stream()).toList();
    Set<String> writing =
        entries.stream()
            .filter(entry -> entry.kind() == Kind.ARTIFACT)
            .map(JournalEntry::stepKey)
            .collect(Collectors.toSet());
    return EvidenceText.of(
        entries.stream()
            .filter(entry -> entry.kind() != Kind.RESULT || tells(entry, writing))
            .sorted(Comparator.comparingLong(JournalEntry::id))
            .toList(),
        new ModelNames(deploymentId),
        LIMIT);
  }

  /** Whether the result is shown. Not when a step only measured: the gate after it reports that. */
  private boolean tells(JournalEntry result, Set<String> writing) {
    return result.payload().has("verdict")
        || writing.contains(result.stepKey())
        || steps.find(result.step()).map(step -> step.effect() != Effect.OBSERVES).orElse(true);
  }

  /** The names that the models of one deployment give. */
  private static final class ModelNames implements EvidenceText.Names {

    private final String deploymentId;
    private final Map<String, ProcessDefinitionEntity> definitions = new HashMap<>();

    private ModelNames(String deploymentId) {
      this.deploymentId = deploymentId;
    }

    @Override
    public String phase(String key) {
      ProcessDefinitionEntity definition = definition(key);
      return definition == null || definition.getName() == null ? key : definition.getName();
    }

    @Override
    public String activity(String phase, String activityId) {
      ProcessDefinitionEntity definition = definition(phase);
      ActivityImpl activity = definition == null ? null : definition.findActivity(activityId);
      return activity == null || activity.getName() == null ? activityId : activity.getName();
    }

    private ProcessDefinitionEntity definition(String key) {
      return definitions.computeIfAbsent(
          key,
          wanted ->
              Context.getProcessEngineConfiguration()
                  .getDeploymentCache()
                  .findDeployedProcessDefinitionByDeploymentAndKey(deploymentId, wanted));
    }
  }
}
