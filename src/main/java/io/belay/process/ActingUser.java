package io.belay.process;

import io.belay.process.RunControl.NotAllowed;
import io.belay.process.RunControl.NotPossible;
import java.util.List;
import java.util.concurrent.Callable;
import org.camunda.bpm.engine.AuthorizationException;
import org.camunda.bpm.engine.BadUserRequestException;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.MismatchingMessageCorrelationException;
import org.camunda.bpm.engine.OptimisticLockingException;
import org.springframework.stereotype.Component;

/** Lets a person act on the engine, and says what came of it in that person's words. */
@Component
class ActingUser {

  private static final int ATTEMPTS = 10;

  private final IdentityService identity;

  ActingUser(IdentityService identity) {
    this.identity = identity;
  }

  /**
   * Does the act in that person's name and with that person's rights.
   *
   * @throws Refusal as a listener of the engine refused it
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

  /** The run moves while a person acts; nothing was changed by an act that collided. */
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

  /** What a person is told: the engine wraps refusals of listeners, some twice. */
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
