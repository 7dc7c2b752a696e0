package io.belay.capability.document;

import io.belay.artifact.Artifact;
import io.belay.step.BusinessStop;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.target.TargetException;
import java.util.Optional;

/** The snapshot that the current run took, which its undo restores. */
final class RunSnapshot {

  private RunSnapshot() {}

  /** The last finished snapshot of that target; empty when there is none. */
  static Optional<Artifact> find(String documents, StepContext context) {
    String identity = context.target(documents, DocumentStoreTarget.class).identity().orElseThrow();
    Optional<Artifact> last = Optional.empty();
    String lost = null;
    for (PastStep past : context.started(TakeDocumentSnapshot.class)) {
      boolean finished = past.result(TakeDocumentSnapshot.Result.class).isPresent();
      if (finished
          && past.input(TakeDocumentSnapshot.Input.class).documents().contains(documents)) {
        for (String id : past.artifacts()) {
          Optional<Artifact> found = context.artifacts().find(id);
          lost = found.isPresent() ? lost : id;
          if (found.isPresent() && isSnapshotOf(identity, found.get())) {
            last = found;
          }
        }
      }
    }
    if (last.isEmpty() && lost != null) {
      throw new TargetException(
          "the snapshot %s of this run is not among the artifacts any more. Nothing was changed; put the file and its manifest back, then retry"
              .formatted(lost));
    }
    return last;
  }

  private static boolean isSnapshotOf(String identity, Artifact artifact) {
    return artifact.kind().equals(DocumentSnapshots.KIND)
        && identity.equals(artifact.details().get(DocumentSnapshots.IDENTITY));
  }

  /**
   * @throws BusinessStop when this run took none, so that its changes could not be undone
   */
  static Artifact require(String documents, StepContext context) {
    return find(documents, context)
        .orElseThrow(
            () ->
                new BusinessStop(
                    "this run has no snapshot of '%s', so nothing that it did could be taken back; take one first (takeDocumentSnapshot)"
                        .formatted(documents)));
  }

  /** SHA-256 of a file in the snapshot; {@code absent} when it did not exist. */
  static String hash(Artifact snapshot, String role, String name) {
    return snapshot.details().getOrDefault(key(role, name), "unknown");
  }

  static String key(String role, String name) {
    return "sha256 " + role + "/" + name;
  }
}
