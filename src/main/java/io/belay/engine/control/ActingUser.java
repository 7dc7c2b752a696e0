package io.belay.engine.control;

import io.belay.engine.control.RunControl.NotAllowed;
import io.belay.engine.control.RunControl.NotPossible;
import io.belay.engine.law.TaskRules;
import io.belay.model.Refusal;
import java.util.List;
import java.util.concurrent.Callable;
import org.camunda.bpm.engine.AuthorizationException;
import org.camunda.bpm.engine.BadUserRequestException;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.MismatchingMessageCorrelationException;
import org.camunda.bpm.engine.OptimisticLockingException;
import org.springframework.stereotype.Component;

/**
 * Performs a person's acts on the engine, and reports their outcome in terms that people
 * understand.
 */
@Component
class ActingUser {

  private static final int ATTEMPTS = 10;

  private final IdentityService identity;

  ActingUser(IdentityService identity) {
    this.identity = identity;
  }

  /**
   * Performs the act in that person's name and with that person's rights.
   *
   * @throws Refusal when a listener of the engine refuses the act
   * @throws NotAllowed when the person's groups do not allow it
   * @throws NotPossible when the run moved on meanwhile
   */
  <T> T as(String user, Callable<T> act) {
    List<String> groups =
        identity.createGroupQuery().groupMember(user).list().stream().map(g -> g.getId()).toList();
    identity.setAuthentication(user, groups);
    try {
      return untilNothingCollides(act);
    } catch (RuntimeException e) {
      throw refusal(e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      identity.clearAuthentication();
    }
  }

  /** Repeats an act that collided with the moving run; it changed nothing. */
  private static <T> T untilNothingCollides(Callable<T> act) throws Exception {
    for (int attempt = 1; ; attempt++) {
      try {
        return act.call();
      } catch (OptimisticLockingException | MismatchingMessageCorrelationException collision) {
        if (attempt == ATTEMPTS) {
          throw new NotPossible("the run moves on at this moment; try again");
        }
      }
    }
  }

  /** The refusal to show to the person: the engine wraps refusals of listeners, some twice. */
  private static RuntimeException refusal(RuntimeException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof Refusal) {
        return (RuntimeException) cause;
      }
      if (cause instanceof TaskRules.NotYours) {
        return new NotAllowed(cause.getMessage());
      }
      if (cause instanceof AuthorizationException) {
        return new NotAllowed("your groups do not allow this");
      }
      if (cause instanceof OptimisticLockingException) {
        return new NotPossible("the run moved on at this moment; look again");
      }
      if (cause instanceof BadUserRequestException) {
        return new NotAllowed(cause.getMessage());
      }
    }
    return failure;
  }
}
