package io.belay.security;

import io.belay.security.SecuritySettings.Account;
import io.belay.target.InvalidSetting;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.authorization.Groups;
import org.camunda.bpm.engine.identity.Group;
import org.camunda.bpm.engine.identity.User;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.stereotype.Component;

/**
 * Creates the groups, their permissions and the configured users. Refuses to start without an
 * administrator, or with a weak configured password.
 */
@Component
class Users implements InitializingBean {

  private final IdentityService identity;
  private final Permissions permissions;
  private final SecuritySettings settings;

  Users(IdentityService identity, Permissions permissions, SecuritySettings settings) {
    this.identity = identity;
    this.permissions = permissions;
    this.settings = settings;
  }

  @Override
  public void afterPropertiesSet() {
    if (!settings.playground()) {
      settings.users().forEach(this::requireStrong);
    }
    for (Role role : Role.values()) {
      if (identity.createGroupQuery().groupId(role.group()).count() == 0) {
        Group group = identity.newGroup(role.group());
        group.setName(role.name().charAt(0) + role.group().substring(1) + "s");
        group.setType("WORKFLOW");
        identity.saveGroup(group);
      }
    }
    if (identity.createGroupQuery().groupId(Groups.CAMUNDA_ADMIN).count() == 0) {
      Group administrators = identity.newGroup(Groups.CAMUNDA_ADMIN);
      administrators.setName("Administrators of the webapps");
      administrators.setType(Groups.GROUP_TYPE_SYSTEM);
      identity.saveGroup(administrators);
    }
    permissions.grant();
    settings.users().forEach(this::create);
    if (identity.createUserQuery().memberOfGroup(Role.ADMINISTRATOR.group()).count() == 0) {
      throw new InvalidSetting(
          ("There is no administrator. For the first start set belay.security.users.<name>.password"
                  + " (at least %d characters) and"
                  + " belay.security.users.<name>.roles=administrator")
              .formatted(PasswordRules.SHORTEST));
    }
  }

  private void requireStrong(String name, Account account) {
    if (!PasswordRules.areKept(account.password().reveal(), identity.newUser(name))) {
      throw new InvalidSetting(
          ("belay.security.users.%s.password must have at least %d characters, must not hold the"
                  + " user's name and must not be a default")
              .formatted(name, PasswordRules.SHORTEST));
    }
  }

  private void create(String name, Account account) {
    if (identity.createUserQuery().userId(name).count() > 0) {
      return;
    }
    User user = identity.newUser(name);
    user.setFirstName(name);
    user.setLastName("");
    user.setPassword(account.password().reveal());
    identity.saveUser(user);
    account.roles().forEach(role -> identity.createMembership(name, role.group()));
    if (account.roles().contains(Role.ADMINISTRATOR)) {
      // As long as this group is empty the webapps show nothing but their own set-up.
      identity.createMembership(name, Groups.CAMUNDA_ADMIN);
    }
  }
}
