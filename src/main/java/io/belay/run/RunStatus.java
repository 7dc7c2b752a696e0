package io.belay.run;

/** How a run stands, for people. */
public enum RunStatus {
  RUNNING,
  /** A person must decide or confirm something. */
  WAITING_FOR_PERSON,
  /** A step failed for good; a person must retry, take over or abort. */
  INCIDENT,
  ROLLING_BACK,
  /**
   * The world is between the states. While the run goes on: an undo failed for good, and waits to
   * be retried or taken over. Once it has ended: a change that had to be taken back still stands.
   */
  ROLLBACK_INCOMPLETE,
  COMPLETED,
  ROLLED_BACK,
  /** Rolled back, but a person took over at least one undo. */
  TAKEN_OVER,
  /** Deleted in the engine; nothing was taken back. */
  CANCELLED;

  /**
   * Whether only ended runs stand so. An ended run may be {@link #ROLLBACK_INCOMPLETE}, too; {@link
   * RunView#hasEnded} tells for each.
   */
  public boolean isFinal() {
    return ordinal() >= COMPLETED.ordinal();
  }
}
