package io.belay.target;

/** How a PostgreSQL database is put back to its backup. */
public enum RestoreWay {
  /** Beside when the backup is large and nothing is in the way of that, in place otherwise. */
  AUTO,
  /** In one transaction on one connection: sessions wait for locks and go on. */
  IN_PLACE,
  /**
   * Into a new database, over several connections, which then takes the old one's name: readers go
   * on reading until then, and all sessions are ended once.
   */
  BESIDE
}
