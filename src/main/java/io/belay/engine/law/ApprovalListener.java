package io.belay.engine.law;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.model.Forms;
import io.belay.model.Parameter;
import io.belay.model.Refusal.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.delegate.DelegateTask;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.db.entitymanager.cache.CachedDbEntity;
import org.camunda.bpm.engine.impl.db.entitymanager.cache.DbEntityState;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.camunda.bpm.engine.impl.persistence.entity.TaskEntity;
import org.camunda.bpm.engine.impl.persistence.entity.VariableInstanceEntity;
import org.camunda.bpm.engine.impl.task.TaskDefinition;
import org.springframework.stereotype.Component;

/**
 * Handles user tasks: shows the person the evidence so far, and accepts the answer if that person
 * may give it ({@link ApprovalRules}) and the form allows it.
 */
@Component
class ApprovalListener {

  /** Appended to the evidence; both together fit into a variable of the engine. */
  private static final String BOUND =
      "\n\nAn approval is for models, parameters, targets and their files %s only.";

  private final RunJournal journal;
  private final Evidence evidence;
  private final ApprovalRules rules;
  private final ApprovalBinding binding;
  private final VariableRules variables;
  private final Forms forms;
  private final ProofJournal proofs;
  private final ObjectMapper json;

  ApprovalListener(
      RunJournal journal,
      Evidence evidence,
      ApprovalRules rules,
      ApprovalBinding binding,
      VariableRules variables,
      Forms forms,
      ProofJournal proofs,
      ObjectMapper json) {
    this.journal = journal;
    this.evidence = evidence;
    this.rules = rules;
    this.binding = binding;
    this.variables = variables;
    this.forms = forms;
    this.proofs = proofs;
    this.json = json;
  }

  void created(DelegateTask task) {
    TaskEntity entity = (TaskEntity) task;
    Forms.Declared form = forms.of(entity.getExecution(), entity.getTaskDefinition());
    boolean isApproval = ApprovalRules.isApproval(entity.getTaskDefinition(), form);
    if (isApproval) {
      ApprovalRules.offerToApprovers(task);
    }
    // A value that an earlier task left in the field must not pass for an answer.
    for (Parameter field : form.all()) {
      requireFree(entity.getExecution(), field.name());
      entity.getExecution().setVariable(field.name(), null);
    }
    String run = RunJournal.runId(task.getExecution());
    String shown = evidence.of(run, entity.getExecution().getProcessDefinition().getDeploymentId());
    if (!isApproval || ApprovalRules.isUndo(task.getExecution())) {
      task.setVariableLocal("evidence", shown);
      journal.append(task.getExecution(), Kind.TASK_CREATED, task.getName());
      return;
    }
    String bound = binding.of(run);
    task.setVariableLocal("evidence", shown + BOUND.formatted(ApprovalBinding.brief(bound)));
    journal.append(
        task.getExecution(),
        about ->
            JournalEntry.of(run, Kind.TASK_CREATED, task.getName())
                .at(about.instanceId(), about.activityId())
                .by(RunJournal.currentUser())
                .with(json.createObjectNode().put(ApprovalBinding.FIELD, bound)));
    ApprovalTimer.start(task, rules.expiry(run));
  }

  private void requireFree(ExecutionEntity execution, String field) {
    if (variables.isParameter(execution, field)) {
      throw new VariableRefused(
          field,
          "the form of '%s' asks for it, but it is a parameter of the run, written once at its start; name the field otherwise"
              .formatted(execution.getActivityId()));
    }
  }

  /**
   * Takes the person's answer as the activity ends. Not a task listener: the engine wraps what such
   * a listener throws, so that a refusal would look like a server error.
   */
  void completed(DelegateExecution execution, TaskDefinition task) {
    ApprovalTimer.stop((ExecutionEntity) execution);
    if (execution.isCanceled()) {
      return;
    }
    String user = RunJournal.currentUser();
    String name = execution.getCurrentActivityName();
    Forms.Declared declared = forms.of((ExecutionEntity) execution, task);
    boolean isApproval = ApprovalRules.isApproval(task, declared);
    if (isApproval) {
      rules.requireAllowed(execution, user);
    }
    Map<String, Object> given = new LinkedHashMap<>();
    Stream.concat(declared.all().stream().map(Parameter::name), Stream.of(VariableRules.REASON))
        .filter(field -> isChanged((ExecutionEntity) execution, field))
        .forEach(field -> given.put(field, execution.getVariable(field)));
    declared.file().ifPresent(field -> takeUploaded(execution, field.name(), given));
    Map<String, Object> answer = new LinkedHashMap<>();
    List<Problem> problems = declared.check(given, answer);
    if (!problems.isEmpty()) {
      throw new AnswerRefused(problems);
    }
    answer.remove(ApprovalBinding.FIELD); // only Belay sets it, whatever a form asks for
    if (isApproval && !ApprovalRules.isUndo(execution)) {
      answer.put(ApprovalBinding.FIELD, boundAsShown(execution));
    }
    journal.append(
        execution,
        about ->
            JournalEntry.of(about.runId(), Kind.TASK_COMPLETED, name)
                .at(about.instanceId(), about.activityId())
                .by(user)
                .with(json.valueToTree(answer)));
  }

  /** The file is the one that was uploaded to this very task last, whatever the answer says. */
  private void takeUploaded(DelegateExecution execution, String field, Map<String, Object> given) {
    Optional<String> uploaded =
        proofs.of((ExecutionEntity) execution).stream().reduce((earlier, later) -> later);
    Object named = given.remove(field);
    if (named != null && !uploaded.map(named::equals).orElse(false)) {
      throw new AnswerRefused(
          List.of(new Problem(field, "is set by the upload of the file; leave it out")));
    }
    uploaded.ifPresent(artifact -> given.put(field, artifact));
    execution.setVariable(field, uploaded.orElse(null));
  }

  /** The bound hash, which must still be the one that the person was shown. */
  private String boundAsShown(DelegateExecution execution) {
    JsonNode asked = rules.asked(execution).payload();
    String shown = asked == null ? "" : asked.path(ApprovalBinding.FIELD).asText();
    String now = binding.of(RunJournal.runId(execution));
    if (!now.equals(shown)) {
      throw new AnswerRefused(
          "models, parameters, targets or files that they read have changed since '%s' was asked (%s then, %s now); abort the run and start it anew"
              .formatted(
                  execution.getCurrentActivityName(),
                  ApprovalBinding.brief(shown),
                  ApprovalBinding.brief(now)));
    }
    return now;
  }

  /** Whether the value came with the answer, rather than from before. */
  private static boolean isChanged(ExecutionEntity execution, String variable) {
    if (!(execution.getVariableInstance(variable) instanceof VariableInstanceEntity stored)) {
      return false;
    }
    CachedDbEntity known =
        Context.getCommandContext().getDbEntityManager().getDbEntityCache().getCachedEntity(stored);
    return known == null || known.getEntityState() == DbEntityState.TRANSIENT || known.isDirty();
  }

  void deleted(DelegateTask task) {
    journal.append(task.getExecution(), Kind.TASK_CANCELLED, task.getName());
  }
}
