package io.belay.target;

/** How a PostgreSQL database is restored from its backup. */
public enum RestoreWay {
  /**
   * Side by side if the login may do it, otherwise in place. The backup step decides and records it
   * in the manifest.
   */
  AUTO,
  /** In one transaction on one connection: sessions wait for locks and go on. */
  IN_PLACE,
  /**
   * Side by side: into a new database, over several connections. Readers go on reading until it
   * takes the old one's name, when all sessions are ended once.
   */
  BESIDE
}
