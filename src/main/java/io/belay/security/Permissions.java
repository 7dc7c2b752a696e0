package io.belay.security;

import org.camunda.bpm.engine.AuthorizationService;
import org.camunda.bpm.engine.authorization.Authorization;
import org.camunda.bpm.engine.authorization.Permission;
import org.camunda.bpm.engine.authorization.ProcessDefinitionPermissions;
import org.camunda.bpm.engine.authorization.Resource;
import org.camunda.bpm.engine.authorization.Resources;
import org.springframework.stereotype.Component;

/**
 * What each group may do in the engine: the least that it needs. Tasks are not listed: the engine
 * itself lets the candidate group of a task read and complete it.
 */
@Component
class Permissions {

  private static final Permission READ = org.camunda.bpm.engine.authorization.Permissions.READ;
  private static final Permission ACCESS = org.camunda.bpm.engine.authorization.Permissions.ACCESS;
  private static final Permission CREATE = org.camunda.bpm.engine.authorization.Permissions.CREATE;
  private static final Permission ALL = org.camunda.bpm.engine.authorization.Permissions.ALL;

  private final AuthorizationService authorizations;

  Permissions(AuthorizationService authorizations) {
    this.authorizations = authorizations;
  }

  void grant() {
    for (Role role : Role.values()) {
      if (role == Role.ADMINISTRATOR || role == Role.SERVICE) {
        continue;
      }
      for (String application : new String[] {"cockpit", "tasklist", "welcome"}) {
        grant(role, Resources.APPLICATION, application, ACCESS);
      }
      grant(
          role,
          Resources.PROCESS_DEFINITION,
          "*",
          READ,
          ProcessDefinitionPermissions.READ_INSTANCE,
          ProcessDefinitionPermissions.READ_HISTORY);
      grant(role, Resources.DECISION_DEFINITION, "*", READ);
      grant(role, Resources.DECISION_REQUIREMENTS_DEFINITION, "*", READ);
      grant(role, Resources.DEPLOYMENT, "*", READ);
      grant(role, Resources.FILTER, "*", READ);
    }
    grant(
        Role.OPERATOR,
        Resources.PROCESS_DEFINITION,
        "*",
        READ,
        ProcessDefinitionPermissions.READ_INSTANCE,
        ProcessDefinitionPermissions.READ_HISTORY,
        ProcessDefinitionPermissions.CREATE_INSTANCE,
        ProcessDefinitionPermissions.UPDATE_INSTANCE,
        ProcessDefinitionPermissions.RETRY_JOB);
    grant(Role.OPERATOR, Resources.PROCESS_INSTANCE, "*", CREATE);
    // For agents, to lock and end steps; agents cannot reach anything else that this would allow.
    grant(
        Role.SERVICE,
        Resources.PROCESS_DEFINITION,
        "*",
        ProcessDefinitionPermissions.READ_INSTANCE,
        ProcessDefinitionPermissions.UPDATE_INSTANCE);
    for (Resources resource : Resources.values()) {
      grant(Role.ADMINISTRATOR, resource, "*", ALL);
    }
  }

  private void grant(Role role, Resource resource, String id, Permission... permissions) {
    Authorization authorization =
        authorizations
            .createAuthorizationQuery()
            .groupIdIn(role.group())
            .resourceType(resource)
            .resourceId(id)
            .singleResult();
    if (authorization == null) {
      authorization = authorizations.createNewAuthorization(Authorization.AUTH_TYPE_GRANT);
      authorization.setGroupId(role.group());
      authorization.setResource(resource);
      authorization.setResourceId(id);
    }
    authorization.setPermissions(permissions);
    authorizations.saveAuthorization(authorization);
  }
}
