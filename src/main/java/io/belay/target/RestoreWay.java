package io.belay.target;

/** How a PostgreSQL database is put back to its backup. */
public enum RestoreWay {
  /**
   * Side by side wherever the login may do it, in place otherwise. The backup decides, its manifest
   * keeps the decision.
   */
  AUTO,
  /** In one transaction on one connection: sessions wait for locks and go on. */
  IN_PLACE,
  /**
   * Side by side: into a new database, over several connections, which then takes the old one's
   * name. Readers go on reading until then, and all sessions are ended once.
   */
  BESIDE
}
