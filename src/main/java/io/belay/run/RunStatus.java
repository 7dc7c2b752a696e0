package io.belay.run;

/** The status of a run, for people. */
public enum RunStatus {
  RUNNING,
  /** A person must decide or confirm something. */
  WAITING_FOR_PERSON,
  /** A step failed for good; a person must retry, override or abort. */
  INCIDENT,
  ROLLING_BACK,
  /**
   * The targets are between two states. While the run goes on: an undo failed for good, and waits
   * to be retried or overridden. Once it has ended: a change that had to be taken back still
   * stands.
   */
  ROLLBACK_INCOMPLETE,
  COMPLETED,
  ROLLED_BACK,
  /** Rolled back, but a person overrode at least one undo. */
  TAKEN_OVER,
  /** Deleted in the engine; nothing was taken back. */
  CANCELLED;

  /**
   * Whether only ended runs have this status. An ended run may also be {@link
   * #ROLLBACK_INCOMPLETE}; see {@link RunView#hasEnded}.
   */
  public boolean isFinal() {
    return ordinal() >= COMPLETED.ordinal();
  }
}
