package io.belay.gateway;

/** The version that answers a request: the old or the new one. */
enum Side {
  BASELINE("baseline", "legacy"),
  CANDIDATE("candidate", "migrated");

  private final String label;
  private final String migrationStatus;

  Side(String label, String migrationStatus) {
    this.label = label;
    this.migrationStatus = migrationStatus;
  }

  /** The value of {@code X-Belay-Side}, and the key in the statistics. */
  String label() {
    return label;
  }

  /** The value of {@code X-Migration-Status} that the backend sees. */
  String migrationStatus() {
    return migrationStatus;
  }
}
