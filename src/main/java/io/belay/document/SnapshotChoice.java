package io.belay.document;

import io.belay.step.StepContext;
import io.belay.target.Artifact;
import io.belay.target.DocumentStoreTarget;
import io.belay.target.TargetException;

/** Which snapshot a restore is asked for. */
final class SnapshotChoice {

  private static final String NEWEST = "newest";

  private SnapshotChoice() {}

  static boolean isNewest(String snapshot) {
    return snapshot == null || snapshot.isBlank() || snapshot.equals(NEWEST);
  }

  /**
   * That one; or the newest verified one of another run, for a run that restores keeps what is
   * there now before.
   *
   * @throws TargetException when there is none; nothing was changed
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
