package io.belay.security;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * One request that the engine's REST interfaces let through.
 *
 * @param api the interface that the path belongs to
 * @param path with {@code *} for one segment and {@code **} for the rest
 * @param who the groups that may pass; {@link Role#SERVICE} means an agent with its token
 * @param body what the body may hold; null for files, which are passed on unchanged
 * @param rule what else must hold
 */
record Door(Api api, String method, String path, Set<Role> who, BodyShape body, Rule rule) {

  /** The interfaces, each with the paths that it is reached by. */
  enum Api {
    ENGINE("(?:/engine-rest(?:/engine/[^/]+)?|/camunda/api/engine/engine/[^/]+)"),
    ENGINES("/camunda/api/engine"),
    COCKPIT("/camunda/api/cockpit"),
    TASKLIST("/camunda/api/tasklist"),
    ADMIN("/camunda/api/admin"),
    WELCOME("/camunda/api/welcome");

    private final String prefix;

    Api(String prefix) {
      this.prefix = prefix;
    }
  }

  /** What a request must meet besides its shape. */
  enum Rule {
    NONE,
    /** The user in the path is the caller, unless an administrator calls. */
    ONESELF,
    /** The user in the body is the caller. */
    CLAIM,
    /** The message starts a runbook. */
    START,
    /** {@link AgentTaskRules}. */
    AGENT,
    /** {@link Interventions}. */
    INTERVENTION
  }

  Pattern pattern() {
    String segments = path.replace("**", "\u0000").replace("*", "[^/]+").replace("\u0000", ".+");
    return Pattern.compile(api.prefix + segments);
  }

  Door with(Rule other) {
    return new Door(api, method, path, who, body, other);
  }

  @Override
  public String toString() {
    return method + " " + api + " " + path;
  }
}
