package io.belay.capability.backup;

/** How pg_dump writes. */
public enum DumpFormat {
  /** One stream, compressed and encrypted on its way to the artifact; nothing else on disk. */
  CUSTOM,
  /**
   * Several tables at once. Needs room for an unencrypted, uncompressed copy on the artifacts' disk
   * while it works.
   */
  DIRECTORY
}
