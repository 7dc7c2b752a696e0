package io.belay.run;

/** How a run stands, for people. */
public enum RunStatus {
  RUNNING,
  /** A person must decide or confirm something. */
  WAITING_FOR_PERSON,
  /** A step failed for good; a person must retry, take over or abort. */
  INCIDENT,
  ROLLING_BACK,
  /** An undo failed for good: the world is between the states until it is retried or taken over. */
  ROLLBACK_INCOMPLETE,
  COMPLETED,
  ROLLED_BACK,
  /** Rolled back, but a person took over at least one undo. */
  TAKEN_OVER,
  /** Deleted in the engine; nothing was taken back. */
  CANCELLED;

  public boolean isFinal() {
    return ordinal() >= COMPLETED.ordinal();
  }
}
