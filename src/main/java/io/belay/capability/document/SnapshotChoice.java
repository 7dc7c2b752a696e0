package io.belay.capability.document;

import io.belay.artifact.Artifact;
import io.belay.step.StepContext;
import io.belay.target.TargetException;

/** Chooses the snapshot that a restore uses. */
final class SnapshotChoice {

  private static final String NEWEST = "newest";

  private SnapshotChoice() {}

  static boolean isNewest(String snapshot) {
    return snapshot == null || snapshot.isBlank() || snapshot.equals(NEWEST);
  }

  /**
   * The named snapshot, or else the newest verified one of another run, since a run that restores
   * first takes a snapshot of its own.
   *
   * @throws TargetException when there is no such snapshot; nothing was changed
   */
  static Artifact of(DocumentStoreTarget target, String snapshot, StepContext context) {
    DocumentSnapshots snapshots = new DocumentSnapshots(context.artifacts());
    if (!isNewest(snapshot)) {
      return snapshots
          .find(target, snapshot)
          .orElseThrow(
              () ->
                  new TargetException(
                      "there is no snapshot '%s' of %s; nothing was changed. There are %s"
                          .formatted(
                              snapshot,
                              target.describe(),
                              snapshots.list(target).stream().map(DocumentSnapshot::id).toList())));
    }
    return snapshots.list(target).stream()
        .filter(DocumentSnapshot::verified)
        .filter(one -> !one.runId().equals(context.runId()))
        .findFirst()
        .flatMap(one -> context.artifacts().find(one.id()))
        .orElseThrow(
            () ->
                new TargetException(
                    "there is no verified snapshot of %s from another run; nothing was changed"
                        .formatted(target.describe())));
  }
}
