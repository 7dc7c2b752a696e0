package io.belay.engine.law;

import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.journal.RunRecords.RunRecord;
import io.belay.model.Approval;
import io.belay.model.Forms;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.delegate.DelegateTask;
import org.camunda.bpm.engine.delegate.Expression;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.camunda.bpm.engine.impl.task.TaskDefinition;
import org.camunda.bpm.engine.task.IdentityLink;
import org.springframework.stereotype.Component;

/**
 * Who may answer an approval, and until when. An approval is a task whose form asks for a {@code
 * decision}, or that a model offers to approvers; its attributes change none of these rules.
 */
@Component
class ApprovalRules {

  /** The parameter of a runbook that says how long an approval waits for its answer. */
  static final String EXPIRY = "approvalExpiry";

  /** Expiry in a runbook without that parameter. */
  private static final Duration LONGEST = Duration.ofDays(2);

  private final Journal journal;
  private final RunRecords runs;

  ApprovalRules(Journal journal, RunRecords runs) {
    this.journal = journal;
    this.runs = runs;
  }

  static boolean isApproval(TaskDefinition task, Forms.Declared form) {
    return isApproval(form)
        || task.getCandidateGroupIdExpressions().stream()
            .map(Expression::getExpressionText)
            .anyMatch(Approval.APPROVERS::equals);
  }

  /** Whether an answer to that form is a decision. */
  static boolean isApproval(Forms.Declared form) {
    return form.all().stream().anyMatch(field -> field.name().equals(Approval.DECISION));
  }

  /** Offers the task to all approvers and to nobody else, whomever the model names. */
  static void offerToApprovers(DelegateTask task) {
    task.setAssignee(null);
    boolean offered = false;
    for (IdentityLink link : List.copyOf(task.getCandidates())) {
      if (link.getUserId() != null) {
        task.deleteCandidateUser(link.getUserId());
      } else if (Approval.APPROVERS.equals(link.getGroupId())) {
        offered = true;
      } else {
        task.deleteCandidateGroup(link.getGroupId());
      }
    }
    if (!offered) {
      task.addCandidateGroup(Approval.APPROVERS);
    }
  }

  /**
   * @param user who answers the approval at which {@code execution} waits; null for nobody
   * @throws AnswerRefused when that person may not decide it, or no longer
   */
  void requireAllowed(DelegateExecution execution, String user) {
    String name = execution.getCurrentActivityName();
    if (user == null) {
      throw new AnswerRefused(
          "task '%s' needs an approver, but nobody is logged in".formatted(name));
    }
    String run = RunJournal.runId(execution);
    String starter = runs.find(run).map(RunRecord::startedBy).orElse(null);
    if (user.equals(starter)) {
      throw new AnswerRefused(
          "%s started this run and so cannot decide '%s': four eyes are needed"
              .formatted(user, name));
    }
    if (!TaskRules.groupsOf(user).contains(Approval.APPROVERS)) {
      throw new AnswerRefused(
          "%s is not in the group '%s' and so cannot decide '%s'"
              .formatted(user, Approval.APPROVERS, name));
    }
    if (isUndo(execution)) {
      return; // approvals in a rollback do not expire: the run is on its way back already
    }
    Instant end = asked(execution).at().plus(expiry(run));
    if (!Instant.now().isBefore(end)) {
      throw new AnswerRefused(
          "'%s' expired at %s, and so counts as rejected; this answer changes nothing"
              .formatted(name, end));
    }
  }

  /** The entry that records what people were shown, and when. */
  JournalEntry asked(DelegateExecution execution) {
    List<JournalEntry> created =
        journal.entries(RunJournal.runId(execution), Kind.TASK_CREATED).stream()
            .filter(
                entry ->
                    execution.getProcessInstanceId().equals(entry.instanceId())
                        && execution.getCurrentActivityId().equals(entry.activityId()))
            .toList();
    if (created.isEmpty()) {
      throw new AnswerRefused(
          "the journal does not say since when '%s' is asked; abort the run and start it anew"
              .formatted(execution.getCurrentActivityName()));
    }
    return created.get(created.size() - 1);
  }

  /**
   * The expiry that the run was started with; a phase's own variable of that name does not count.
   */
  Duration expiry(String run) {
    return journal
        .last(run, Kind.RUN_STARTED)
        .map(JournalEntry::payload)
        .flatMap(parameters -> Optional.ofNullable(parameters.get(EXPIRY)))
        .map(given -> Duration.parse(given.asText()))
        .orElse(LONGEST);
  }

  /** Whether the execution is an undo, that is, inside a compensation handler. */
  static boolean isUndo(DelegateExecution execution) {
    for (ExecutionEntity at = (ExecutionEntity) execution; at != null; at = outer(at)) {
      if (at.getActivity() != null && at.getActivity().isCompensationHandler()) {
        return true;
      }
    }
    return false;
  }

  private static ExecutionEntity outer(ExecutionEntity execution) {
    return execution.getParent() != null ? execution.getParent() : execution.getSuperExecution();
  }
}
