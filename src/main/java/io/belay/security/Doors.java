package io.belay.security;

import static io.belay.security.BodyShape.FLAG;
import static io.belay.security.BodyShape.NOTHING;
import static io.belay.security.BodyShape.ONLY_FALSE;
import static io.belay.security.BodyShape.PLAIN;
import static io.belay.security.BodyShape.TEXT;
import static io.belay.security.BodyShape.VARIABLES;
import static io.belay.security.BodyShape.WHOLE;
import static io.belay.security.BodyShape.fields;
import static io.belay.security.BodyShape.list;
import static io.belay.security.BodyShape.object;
import static io.belay.security.Role.ADMINISTRATOR;
import static io.belay.security.Role.APPROVER;
import static io.belay.security.Role.OPERATOR;
import static io.belay.security.Role.SERVICE;
import static io.belay.security.Role.VIEWER;

import io.belay.security.Door.Api;
import io.belay.security.Door.Rule;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Everything that passes through engine-rest and the webapps' own REST interface, by group. What is
 * not here is closed to everybody: what Cockpit, Tasklist, Admin, Camunda Modeler, the documented
 * calls and the public clients of external tasks do not need. Acts on a run (abort, retry,
 * override) go only through Belay's own API.
 */
final class Doors {

  private static final Set<Role> KNOWN = EnumSet.of(VIEWER, OPERATOR, APPROVER, ADMINISTRATOR);
  private static final Set<Role> OPERATORS = EnumSet.of(OPERATOR, ADMINISTRATOR);
  private static final Set<Role> DECIDERS = EnumSet.of(OPERATOR, APPROVER, ADMINISTRATOR);
  private static final Set<Role> ADMINISTRATORS = EnumSet.of(ADMINISTRATOR);
  private static final Set<Role> AGENTS = EnumSet.of(SERVICE);

  private static final BodyShape START =
      object(fields("businessKey", TEXT, "variables", VARIABLES, "withVariablesInReturn", FLAG));

  private static final BodyShape MESSAGE =
      object(
          fields(
              "messageName", TEXT,
              "businessKey", TEXT,
              "processVariables", VARIABLES,
              "resultEnabled", FLAG,
              "variablesInResultEnabled", FLAG,
              "all", ONLY_FALSE));

  private static final BodyShape ANSWER =
      object(fields("id", TEXT, "variables", VARIABLES, "withVariablesInReturn", FLAG));

  private static final BodyShape PERSON = object(fields("userId", TEXT, "taskId", TEXT));

  private static final BodyShape COMMENT = object(fields("message", TEXT, "id", TEXT));

  private static final BodyShape PROFILE =
      object(fields("id", TEXT, "firstName", TEXT, "lastName", TEXT, "email", TEXT));

  private static final BodyShape PASSWORD =
      object(fields("password", TEXT, "authenticatedUserPassword", TEXT));

  /** Camunda Admin repeats what the path says. */
  private static final BodyShape MEMBER = object(fields("id", TEXT, "userId", TEXT));

  private static final BodyShape MOVE =
      object(
          fields(
              "instructions",
              list(
                  object(
                      fields(
                          "type", TEXT,
                          "activityId", TEXT,
                          "transitionId", TEXT,
                          "activityInstanceId", TEXT,
                          "transitionInstanceId", TEXT,
                          "ancestorActivityInstanceId", TEXT,
                          "cancelCurrentActiveActivityInstances", FLAG))),
              "skipCustomListeners",
              ONLY_FALSE,
              "skipIoMappings",
              ONLY_FALSE,
              "annotation",
              TEXT));

  private static final BodyShape FETCH =
      object(
          fields(
              "workerId",
              TEXT,
              "maxTasks",
              WHOLE,
              "usePriority",
              FLAG,
              "asyncResponseTimeout",
              WHOLE,
              "sorting",
              list(object(fields("sortBy", TEXT, "sortOrder", TEXT))),
              "topics",
              list(
                  object(
                      fields(
                          "topicName", TEXT,
                          "lockDuration", WHOLE,
                          "processVariables", object(fields("environment", TEXT)),
                          "variables", list(TEXT),
                          "localVariables", FLAG,
                          "deserializeValues", ONLY_FALSE,
                          "includeExtensionProperties", FLAG,
                          "processDefinitionKey", TEXT,
                          "processDefinitionKeyIn", list(TEXT),
                          "businessKey", TEXT)))));

  private static final BodyShape WORKER_RESULT =
      object(fields("workerId", TEXT, "variables", VARIABLES, "localVariables", VARIABLES));

  private static final BodyShape WORKER_FAILURE =
      object(
          fields(
              "workerId", TEXT,
              "errorMessage", TEXT,
              "errorDetails", TEXT,
              "retries", WHOLE,
              "retryTimeout", WHOLE,
              "variables", VARIABLES,
              "localVariables", VARIABLES));

  private static final BodyShape WORKER_STOP =
      object(
          fields(
              "workerId", TEXT, "errorCode", TEXT, "errorMessage", TEXT, "variables", VARIABLES));

  /** In the order in which a request is compared with them. */
  static final List<Door> ALL =
      Stream.of(reading(), searching(), acting(), working(), administering(), webapps())
          .flatMap(doors -> doors)
          .toList();

  private Doors() {}

  private static Stream<Door> reading() {
    return Stream.of(
            get(KNOWN, "/engine", "/version"),
            get(KNOWN, "/process-definition", "/process-definition/count"),
            get(KNOWN, "/process-definition/statistics", "/process-definition/*"),
            get(KNOWN, "/process-definition/*/xml", "/process-definition/*/statistics"),
            get(KNOWN, "/process-definition/*/diagram", "/process-definition/*/startForm"),
            get(KNOWN, "/process-definition/*/static-called-process-definitions"),
            get(KNOWN, "/process-definition/*/deployed-start-form"),
            get(KNOWN, "/process-definition/*/form-variables"),
            get(KNOWN, "/process-definition/*/rendered-form"),
            get(KNOWN, "/process-definition/key/*", "/process-definition/key/*/xml"),
            get(KNOWN, "/process-definition/key/*/statistics"),
            get(KNOWN, "/process-definition/key/*/startForm"),
            get(KNOWN, "/process-definition/key/*/deployed-start-form"),
            get(KNOWN, "/process-definition/key/*/form-variables"),
            get(KNOWN, "/decision-definition", "/decision-definition/count"),
            get(KNOWN, "/decision-definition/*", "/decision-definition/*/xml"),
            get(KNOWN, "/decision-definition/key/*", "/decision-definition/key/*/xml"),
            get(KNOWN, "/decision-requirements-definition"),
            get(KNOWN, "/decision-requirements-definition/count"),
            get(KNOWN, "/decision-requirements-definition/*"),
            get(KNOWN, "/decision-requirements-definition/*/xml"),
            get(KNOWN, "/case-definition", "/case-definition/count", "/case-instance/count"),
            get(KNOWN, "/deployment", "/deployment/count", "/deployment/*"),
            get(KNOWN, "/deployment/*/resources", "/deployment/*/resources/*"),
            get(KNOWN, "/deployment/*/resources/*/data"),
            get(KNOWN, "/process-instance", "/process-instance/count", "/process-instance/*"),
            get(KNOWN, "/process-instance/*/activity-instances"),
            get(KNOWN, "/process-instance/*/variables", "/process-instance/*/variables/*"),
            get(KNOWN, "/variable-instance", "/variable-instance/count", "/variable-instance/*"),
            get(KNOWN, "/incident", "/incident/count", "/incident/*"),
            get(KNOWN, "/job", "/job/count", "/job/*", "/job/*/stacktrace"),
            get(KNOWN, "/job-definition", "/job-definition/count", "/job-definition/*"),
            get(KNOWN, "/external-task", "/external-task/count", "/external-task/*"),
            get(KNOWN, "/external-task/*/errorDetails"),
            get(KNOWN, "/batch/count", "/batch/statistics", "/batch/statistics/count"),
            get(KNOWN, "/task", "/task/count", "/task/report/candidate-group-count", "/task/*"),
            get(KNOWN, "/task/*/comment", "/task/*/identity-links", "/task/*/attachment"),
            get(KNOWN, "/task/*/form", "/task/*/deployed-form", "/task/*/rendered-form"),
            get(KNOWN, "/task/*/form-variables", "/task/*/variables", "/task/*/variables/*"),
            get(KNOWN, "/task/*/localVariables"),
            get(KNOWN, "/filter", "/filter/count", "/filter/*"),
            get(KNOWN, "/filter/*/count", "/filter/*/list", "/filter/*/singleResult"),
            options(KNOWN, "/filter", "/filter/*"),
            get(KNOWN, "/history/process-instance", "/history/process-instance/count"),
            get(KNOWN, "/history/process-instance/*"),
            get(KNOWN, "/history/activity-instance", "/history/activity-instance/count"),
            get(KNOWN, "/history/variable-instance", "/history/variable-instance/count"),
            get(KNOWN, "/history/variable-instance/*", "/history/detail", "/history/detail/count"),
            get(KNOWN, "/history/task", "/history/task/count"),
            get(KNOWN, "/history/incident", "/history/incident/count"),
            get(KNOWN, "/history/job-log", "/history/job-log/count", "/history/job-log/*"),
            get(KNOWN, "/history/job-log/*/stacktrace", "/history/external-task-log"),
            get(KNOWN, "/history/external-task-log/count", "/history/external-task-log/*"),
            get(KNOWN, "/history/external-task-log/*/error-details"),
            get(KNOWN, "/history/decision-instance", "/history/decision-instance/count"),
            get(KNOWN, "/history/decision-instance/*", "/history/identity-link-log"),
            get(KNOWN, "/history/user-operation", "/history/user-operation/count"),
            get(KNOWN, "/history/batch/count", "/history/case-instance/count"),
            get(KNOWN, "/history/process-definition/*/statistics"),
            get(KNOWN, "/history/decision-requirements-definition/*/statistics"),
            get(KNOWN, "/identity/groups", "/identity/password-policy"),
            get(KNOWN, "/user", "/user/count", "/user/*/profile"),
            get(KNOWN, "/group", "/group/count", "/group/*", "/tenant", "/tenant/count"),
            get(KNOWN, "/authorization/check"),
            options(KNOWN, "/user", "/user/*", "/group", "/group/*", "/group/*/members"),
            options(KNOWN, "/tenant", "/tenant/*", "/authorization", "/authorization/*"),
            get(ADMINISTRATORS, "/authorization", "/authorization/count", "/authorization/*"),
            get(ADMINISTRATORS, "/tenant/*", "/metrics/*/sum", "/metrics"),
            get(ADMINISTRATORS, "/telemetry/configuration", "/telemetry/data"))
        .flatMap(doors -> doors);
  }

  /** Queries that are too long for a URL. */
  private static Stream<Door> searching() {
    return post(
        KNOWN,
        PLAIN,
        "/process-instance",
        "/process-instance/count",
        "/execution",
        "/execution/count",
        "/variable-instance",
        "/variable-instance/count",
        "/task",
        "/task/count",
        "/job",
        "/job/count",
        "/job-definition",
        "/job-definition/count",
        "/external-task",
        "/external-task/count",
        "/filter/*/list",
        "/filter/*/count",
        "/filter/*/singleResult",
        "/group",
        "/group/count",
        "/history/process-instance",
        "/history/process-instance/count",
        "/history/activity-instance",
        "/history/activity-instance/count",
        "/history/variable-instance",
        "/history/variable-instance/count",
        "/history/task",
        "/history/task/count",
        "/history/detail",
        "/history/job-log",
        "/history/job-log/count",
        "/history/external-task-log",
        "/history/external-task-log/count");
  }

  /** Starting a run, answering a task, and managing one's own account. */
  private static Stream<Door> acting() {
    return Stream.of(
            post(OPERATORS, START, "/process-definition/*/start"),
            post(OPERATORS, START, "/process-definition/*/submit-form"),
            post(OPERATORS, START, "/process-definition/key/*/start"),
            post(OPERATORS, START, "/process-definition/key/*/submit-form"),
            post(OPERATORS, MESSAGE, "/message").map(door -> door.with(Rule.START)),
            post(DECIDERS, PERSON, "/task/*/claim").map(door -> door.with(Rule.CLAIM)),
            post(DECIDERS, NOTHING, "/task/*/unclaim"),
            post(DECIDERS, ANSWER, "/task/*/complete", "/task/*/submit-form"),
            post(DECIDERS, COMMENT, "/task/*/comment/create"),
            put(KNOWN, PROFILE, "/user/*/profile").map(door -> door.with(Rule.ONESELF)),
            put(KNOWN, PASSWORD, "/user/*/credentials").map(door -> door.with(Rule.ONESELF)),
            post(
                KNOWN,
                object(fields("password", TEXT, "profile", PROFILE)),
                "/identity/password-policy"))
        .flatMap(doors -> doors);
  }

  /** For agents: fetching and ending steps. */
  private static Stream<Door> working() {
    return Stream.of(
            post(AGENTS, FETCH, "/external-task/fetchAndLock"),
            post(
                AGENTS,
                object(fields("workerId", TEXT, "newDuration", WHOLE)),
                "/external-task/*/extendLock"),
            post(AGENTS, WORKER_RESULT, "/external-task/*/complete"),
            post(AGENTS, WORKER_FAILURE, "/external-task/*/failure"),
            post(AGENTS, WORKER_STOP, "/external-task/*/bpmnError"))
        .flatMap(doors -> doors)
        .map(door -> door.with(Rule.AGENT));
  }

  private static Stream<Door> administering() {
    return Stream.of(
            post(ADMINISTRATORS, null, "/deployment/create"),
            post(ADMINISTRATORS, PLAIN, "/user/create", "/group/create", "/authorization/create"),
            post(ADMINISTRATORS, NOTHING, "/user/*/unlock"),
            delete(ADMINISTRATORS, "/user/*"),
            doors(Api.ENGINE, "DELETE", ADMINISTRATORS, MEMBER, "/group/*", "/group/*/members/*"),
            put(ADMINISTRATORS, PLAIN, "/group/*", "/authorization/*"),
            put(ADMINISTRATORS, PLAIN, "/group/*/members/*"),
            delete(ADMINISTRATORS, "/authorization/*"),
            post(ADMINISTRATORS, PLAIN, "/filter/create"),
            put(ADMINISTRATORS, PLAIN, "/filter/*"),
            delete(ADMINISTRATORS, "/filter/*"),
            intervening())
        .flatMap(doors -> doors);
  }

  /** Interventions, which move a run past its own rules; each is journaled. */
  private static Stream<Door> intervening() {
    BodyShape link = object(fields("userId", TEXT, "groupId", TEXT, "type", TEXT));
    BodyShape suspension = object(fields("suspended", FLAG));
    return Stream.of(
            delete(ADMINISTRATORS, "/process-instance/*"),
            post(ADMINISTRATORS, MOVE, "/process-instance/*/modification"),
            put(ADMINISTRATORS, suspension, "/process-instance/*/suspended"),
            post(ADMINISTRATORS, link, "/task/*/identity-links", "/task/*/identity-links/delete"))
        .flatMap(doors -> doors)
        .map(door -> door.with(Rule.INTERVENTION));
  }

  private static Stream<Door> webapps() {
    String cockpit = "/plugin/base/*";
    return Stream.of(
            doors(Api.ENGINES, "GET", KNOWN, NOTHING, "/engine"),
            doors(Api.COCKPIT, "GET", KNOWN, NOTHING, "/plugin/*/static/**"),
            doors(Api.TASKLIST, "GET", KNOWN, NOTHING, "/plugin/*/static/**"),
            doors(Api.ADMIN, "GET", KNOWN, NOTHING, "/plugin/*/static/**"),
            doors(Api.WELCOME, "GET", KNOWN, NOTHING, "/plugin/*/static/**"),
            doors(
                Api.COCKPIT,
                "GET",
                KNOWN,
                NOTHING,
                cockpit + "/incident",
                cockpit + "/incident/count",
                cockpit + "/process-definition/statistics",
                cockpit + "/process-definition/statistics-count",
                cockpit + "/process-definition/*/called-process-definitions",
                cockpit + "/process-instance",
                cockpit + "/process-instance/count",
                cockpit + "/process-instance/*/called-process-instances"),
            doors(
                Api.COCKPIT,
                "POST",
                KNOWN,
                PLAIN,
                cockpit + "/incident",
                cockpit + "/incident/count",
                cockpit + "/process-definition/*/called-process-definitions",
                cockpit + "/process-instance",
                cockpit + "/process-instance/count",
                cockpit + "/process-instance/*/called-process-instances"),
            doors(Api.ADMIN, "GET", KNOWN, NOTHING, "/auth/user/*"),
            doors(Api.ADMIN, "POST", KNOWN, NOTHING, "/auth/user/*/logout"),
            doors(
                Api.ADMIN,
                "GET",
                ADMINISTRATORS,
                NOTHING,
                "/plugin/adminPlugins/*/metrics/aggregated"))
        .flatMap(doors -> doors);
  }

  private static Stream<Door> get(Set<Role> who, String... paths) {
    return doors(Api.ENGINE, "GET", who, NOTHING, paths);
  }

  private static Stream<Door> options(Set<Role> who, String... paths) {
    return doors(Api.ENGINE, "OPTIONS", who, NOTHING, paths);
  }

  private static Stream<Door> delete(Set<Role> who, String... paths) {
    return doors(Api.ENGINE, "DELETE", who, NOTHING, paths);
  }

  private static Stream<Door> put(Set<Role> who, BodyShape body, String... paths) {
    return doors(Api.ENGINE, "PUT", who, body, paths);
  }

  private static Stream<Door> post(Set<Role> who, BodyShape body, String... paths) {
    return doors(Api.ENGINE, "POST", who, body, paths);
  }

  private static Stream<Door> doors(
      Api api, String method, Set<Role> who, BodyShape body, String... paths) {
    return Stream.of(paths).map(path -> new Door(api, method, path, who, body, Rule.NONE));
  }
}
