package io.belay.security;

import java.util.Locale;

/** The groups of users. */
public enum Role {
  /** Sees everything, changes nothing. */
  VIEWER,
  /** Starts, aborts, retries and overrides. */
  OPERATOR,
  /** Decides at approvals. */
  APPROVER,
  /** Manages users; may do everything. */
  ADMINISTRATOR,
  /** A program, such as an agent: may have tokens for other audiences; sees and changes nothing. */
  SERVICE;

  /** Id of the engine's group. */
  public String group() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Name of the granted authority. */
  public String authority() {
    return "ROLE_" + name();
  }
}
