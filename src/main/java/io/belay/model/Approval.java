package io.belay.model;

import java.util.Set;

/** What makes a person's task an approval, and which answers grant it. */
public final class Approval {

  /** The group that decides approvals. */
  public static final String APPROVERS = "approver";

  /** The field of a form that makes its task an approval, whoever is asked. */
  public static final String DECISION = "decision";

  /** The decisions that let a run go on; every other one is a no. */
  public static final Set<String> GRANTS = Set.of("go", "approve", "decommission", "remove");

  private Approval() {}
}
