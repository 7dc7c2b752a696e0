package io.belay.process;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.process.Refusal.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * User tasks: puts the evidence so far in front of the person, and takes the answer, if that person
 * may give it ({@link ApprovalRules}) and its form allows it.
 */
@Component
class ApprovalListener {

  private final RunJournal journal;
  private final Journal runJournal;
  private final Evidence evidence;
  private final ApprovalRules rules;
  private final Forms forms;
  private final ObjectMapper json;

  ApprovalListener(
      RunJournal journal,
      Journal runJournal,
      Evidence evidence,
      ApprovalRules rules,
      Forms forms,
      ObjectMapper json) {
    this.journal = journal;
    this.runJournal = runJournal;
    this.evidence = evidence;
    this.rules = rules;
    this.forms = forms;
    this.json = json;
  }

  void created(DelegateTask task) {
    TaskEntity entity = (TaskEntity) task;
    Forms.Declared form = forms.of(entity.getExecution(), entity.getTaskDefinition());
    boolean isApproval = ApprovalRules.isApproval(entity.getTaskDefinition(), form);
    if (isApproval) {
      ApprovalRules.offerToApprovers(task);
    }
    // What an earlier task of the same name left must not pass for an answer.
    form.all().forEach(field -> entity.getExecution().setVariable(field.name(), null));
    task.setVariableLocal(
        "evidence",
        evidence.of(
            RunJournal.runId(task.getExecution()),
            entity.getExecution().getProcessDefinition().getDeploymentId()));
    journal.append(task.getExecution(), Kind.TASK_CREATED, task.getName());
    if (isApproval && !ApprovalRules.isUndo(task.getExecution())) {
      ApprovalTimer.start(task, rules.expiry(RunJournal.runId(task.getExecution())));
    }
  }

  /**
   * The person's answer, as the activity ends. Not a task listener: the engine wraps what such a
   * listener throws, so that a refusal would look like a fault of the server.
   */
  void completed(DelegateExecution execution, TaskDefinition task) {
    ApprovalTimer.stop((ExecutionEntity) execution);
    if (execution.isCanceled()) {
      return;
    }
    String user = RunJournal.currentUser();
    String name = execution.getCurrentActivityName();
    Forms.Declared declared = forms.of((ExecutionEntity) execution, task);
    if (ApprovalRules.isApproval(task, declared)) {
      rules.requireAllowed(execution, user);
    }
    requireUnchangedParameters(execution);
    Map<String, Object> given = new LinkedHashMap<>();
    declared.all().forEach(field -> given.put(field.name(), execution.getVariable(field.name())));
    Map<String, Object> answer = new LinkedHashMap<>();
    List<Problem> problems = declared.check(given, answer);
    if (!problems.isEmpty()) {
      throw new AnswerRefused(problems);
    }
    journal.append(
        execution,
        about ->
            JournalEntry.of(about.runId(), Kind.TASK_COMPLETED, name)
                .at(about.instanceId(), about.activityId())
                .by(user)
                .with(json.valueToTree(answer)));
  }

  /** An answer is stored with all values that come with it, so it could carry a parameter too. */
  private void requireUnchangedParameters(DelegateExecution execution) {
    List<Problem> changed = new ArrayList<>();
    runJournal
        .last(RunJournal.runId(execution), Kind.RUN_STARTED)
        .map(JournalEntry::payload)
        .ifPresent(
            parameters ->
                parameters
                    .fieldNames()
                    .forEachRemaining(
                        parameter -> {
                          if (isChanged((ExecutionEntity) execution, parameter)) {
                            changed.add(
                                new Problem(
                                    parameter,
                                    "is a parameter of the run, written once at its start"));
                          }
                        }));
    if (!changed.isEmpty()) {
      throw new AnswerRefused(changed);
    }
  }

  /** Whether the present command changes the variable. */
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
