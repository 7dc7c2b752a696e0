package io.belay.security;

import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.identity.IdentityOperationResult;
import org.camunda.bpm.engine.impl.identity.db.DbIdentityServiceProvider;

/**
 * The engine's users, whose passwords are checked within {@link LoginLimits}. The engine's own lock
 * would lock out the account's owner, wherever the wrong passwords come from. A correct password
 * with an outdated hash is hashed again.
 */
class EngineUsers extends DbIdentityServiceProvider {

  private final LoginLimits limits;

  EngineUsers(LoginLimits limits) {
    this.limits = limits;
  }

  @Override
  public boolean checkPassword(String userId, String password) {
    return userId != null
        && password != null
        && limits.isRight(userId, ClientAddress.current(), () -> matches(userId, password));
  }

  /**
   * Whether the user logs in by the provider, which alone decides; a password set by an
   * administrator does not count.
   */
  private static boolean comesByProvider(String userId) {
    return Context.getCommandContext()
            .getIdentityInfoManager()
            .findUserInfoByUserIdAndKey(userId, OidcUsers.MARK)
        != null;
  }

  private boolean matches(String userId, String password) {
    var user = findUserById(userId);
    if (user == null || user.getPassword() == null || comesByProvider(userId)) {
      SpringPasswords.checkNobodys(password);
      return false;
    }
    if (!matchPassword(password, user)) {
      return false;
    }
    if (SpringPasswords.isOutdated(user.getPassword())) {
      user.setPassword(password);
      user.encryptPassword(); // stored as the engine's command ends
    }
    return true;
  }

  @Override
  public IdentityOperationResult unlockUser(String userId) {
    limits.forget(userId);
    return super.unlockUser(userId);
  }
}
