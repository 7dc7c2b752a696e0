package io.belay.engine.law;

import static io.belay.model.Unchecked.withoutAuthorization;

import io.belay.model.Approval;
import io.belay.model.Forms;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.camunda.bpm.engine.AuthorizationException;
import org.camunda.bpm.engine.delegate.DelegateTask;
import org.camunda.bpm.engine.delegate.Expression;
import org.camunda.bpm.engine.identity.Group;
import org.camunda.bpm.engine.impl.cfg.auth.AuthorizationCommandChecker;
import org.camunda.bpm.engine.impl.cmd.AssignTaskCmd;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.persistence.entity.TaskEntity;
import org.camunda.bpm.engine.impl.task.TaskDefinition;

/**
 * Who may work on a user task, through whatever interface: a person who is, at that moment, in one
 * of the groups that the deployed model names (at an approval: an approver), and nobody else while
 * a colleague holds the task. The engine's own authorizations are checked as well; alone they are
 * not enough, because the engine lets everybody who ever held a task go on working on it. Calls
 * without a logged-in user (jobs, timers) pass: no interface makes such calls.
 */
public class TaskRules extends AuthorizationCommandChecker {

  /** That person may not work on the task; nothing was changed. */
  public static final class NotYours extends AuthorizationException {
    private static final long serialVersionUID = 1L;

    public NotYours(String message) {
      super(message);
    }
  }

  private static final String ADMINISTRATORS = "administrator";

  private final Forms forms;

  public TaskRules(Forms forms) {
    this.forms = forms;
  }

  /** Claim, unclaim, complete, submit the form, resolve, throw an error or an escalation. */
  @Override
  public void checkTaskWork(TaskEntity task) {
    super.checkTaskWork(task);
    requireMember(task);
  }

  @Override
  public void checkUpdateTaskVariable(TaskEntity task) {
    super.checkUpdateTaskVariable(task);
    requireMember(task);
  }

  /**
   * Delegate, change owner or candidates, remove the assignee: only for administrators. Setting the
   * assignee counts as work on the task, because engine-rest claims and unclaims that way.
   */
  @Override
  public void checkTaskAssign(TaskEntity task) {
    super.checkTaskAssign(task);
    if (Context.getCommandInvocationContext().getCommand() instanceof AssignTaskCmd) {
      requireMember(task);
      return;
    }
    String user = RunJournal.currentUser();
    if (user != null && !groupsOf(user).contains(ADMINISTRATORS)) {
      throw new NotYours(
          "only an administrator changes who may work on task '%s'".formatted(task.getName()));
    }
  }

  /** Lets people assign a task only to themselves. Called as the assignee changes. */
  static void assigned(DelegateTask task) {
    String user = RunJournal.currentUser();
    if (user != null && task.getAssignee() != null && !user.equals(task.getAssignee())) {
      throw new NotYours(
          "a task is claimed for oneself only, so '%s' stays as it was".formatted(task.getName()));
    }
  }

  private void requireMember(TaskEntity task) {
    String user = RunJournal.currentUser();
    if (user == null) {
      return;
    }
    Set<String> groups = groupsOf(task);
    if (groupsOf(user).stream().noneMatch(groups::contains)) {
      throw new NotYours(
          "task '%s' is for the groups %s, and %s is in none of them now"
              .formatted(task.getName(), groups, user));
    }
    if (task.getAssignee() != null && !user.equals(task.getAssignee())) {
      throw new NotYours(
          "%s holds task '%s'; %1$s can give it back, or an administrator can remove the assignee"
              .formatted(task.getAssignee(), task.getName()));
    }
  }

  /**
   * Approvers for an approval; for any other task the groups that the model names. Changing a
   * task's candidates does not change who may work on it.
   */
  private Set<String> groupsOf(TaskEntity task) {
    TaskDefinition definition = task.getTaskDefinition();
    if (definition == null) {
      return Set.of();
    }
    return ApprovalRules.isApproval(definition, forms.of(task.getExecution(), definition))
        ? Set.of(Approval.APPROVERS)
        : definition.getCandidateGroupIdExpressions().stream()
            .map(Expression::getExpressionText)
            .collect(Collectors.toSet());
  }

  /** From the database, not from the login: a membership may have ended since. */
  static List<String> groupsOf(String user) {
    return withoutAuthorization(
        () ->
            Context.getProcessEngineConfiguration()
                .getIdentityService()
                .createGroupQuery()
                .groupMember(user)
                .list()
                .stream()
                .map(Group::getId)
                .toList());
  }
}
