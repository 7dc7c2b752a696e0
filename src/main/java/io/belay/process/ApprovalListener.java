package io.belay.process;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.journal.RunRecords.RunRecord;
import io.belay.process.Refusal.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.delegate.DelegateTask;
import org.camunda.bpm.engine.delegate.Expression;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.db.entitymanager.cache.CachedDbEntity;
import org.camunda.bpm.engine.impl.db.entitymanager.cache.DbEntityState;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.camunda.bpm.engine.impl.persistence.entity.TaskEntity;
import org.camunda.bpm.engine.impl.persistence.entity.VariableInstanceEntity;
import org.camunda.bpm.engine.impl.task.TaskDefinition;
import org.springframework.stereotype.Component;

/**
 * User tasks: puts the evidence so far in front of the person, and enforces four eyes: who started
 * the run cannot complete a task that is for approvers.
 */
@Component
class ApprovalListener {

  /** The group whose tasks demand four eyes. */
  static final String APPROVERS = "approver";

  private final RunJournal journal;
  private final Journal runJournal;
  private final Evidence evidence;
  private final RunRecords runs;
  private final Forms forms;
  private final ObjectMapper json;

  ApprovalListener(
      RunJournal journal,
      Journal runJournal,
      Evidence evidence,
      RunRecords runs,
      Forms forms,
      ObjectMapper json) {
    this.journal = journal;
    this.runJournal = runJournal;
    this.evidence = evidence;
    this.runs = runs;
    this.forms = forms;
    this.json = json;
  }

  void created(DelegateTask task) {
    TaskEntity entity = (TaskEntity) task;
    // What an earlier task of the same name left must not pass for an answer.
    declared(entity.getExecution(), entity.getTaskDefinition())
        .all()
        .forEach(field -> entity.getExecution().setVariable(field.name(), null));
    task.setVariableLocal(
        "evidence",
        evidence.of(
            RunJournal.runId(task.getExecution()),
            entity.getExecution().getProcessDefinition().getDeploymentId()));
    journal.append(task.getExecution(), Kind.TASK_CREATED, task.getName());
  }

  /**
   * The person's answer, as the activity ends. Not a task listener: the engine wraps what such a
   * listener throws, so that a refusal would look like a fault of the server.
   */
  void completed(DelegateExecution execution, TaskDefinition task) {
    if (execution.isCanceled()) {
      return;
    }
    String user = RunJournal.currentUser();
    String name = execution.getCurrentActivityName();
    requireFourEyes(execution, task, user, name);
    requireUnchangedParameters(execution);
    Map<String, Object> given = new LinkedHashMap<>();
    Forms.Declared declared = declared((ExecutionEntity) execution, task);
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

  private void requireFourEyes(
      DelegateExecution execution, TaskDefinition task, String user, String name) {
    if (task.getCandidateGroupIdExpressions().stream()
        .map(Expression::getExpressionText)
        .noneMatch(APPROVERS::equals)) {
      return;
    }
    if (user == null) {
      throw new AnswerRefused(
          "task '%s' needs an approver, but nobody is logged in".formatted(name));
    }
    String starter = runs.find(RunJournal.runId(execution)).map(RunRecord::startedBy).orElse(null);
    if (user.equals(starter)) {
      throw new AnswerRefused(
          "%s started this run and so cannot decide '%s': four eyes are needed"
              .formatted(user, name));
    }
  }

  private Forms.Declared declared(ExecutionEntity execution, TaskDefinition task) {
    Expression form = task.getCamundaFormDefinitionKey();
    return form == null
        ? Forms.Declared.NONE
        : forms.of(execution.getProcessDefinition().getDeploymentId(), form.getExpressionText());
  }
}
