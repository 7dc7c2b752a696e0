package io.belay.capability.document;

import io.belay.artifact.Artifact;
import io.belay.step.StepContext;
import io.belay.step.Verdict;
import io.belay.target.TargetException;
import java.util.Optional;

/** Whether a snapshot can be relied on, as a verdict. */
final class SnapshotCheck {

  private SnapshotCheck() {}

  static VerifyDocumentSnapshot.Result of(
      DocumentStoreTarget target, String documents, String id, StepContext context) {
    Optional<Artifact> snapshot =
        id.isBlank()
            ? RunSnapshot.find(documents, context)
            : new DocumentSnapshots(context.artifacts()).find(target, id);
    if (snapshot.isEmpty()) {
      return new VerifyDocumentSnapshot.Result(
          Verdict.NO_DATA,
          id.isBlank()
              ? "this run has no snapshot of '%s'".formatted(documents)
              : "there is no snapshot '%s' of this store".formatted(id));
    }
    try {
      SnapshotManifest manifest = new SnapshotReader(context).verify(snapshot.get());
      long files = manifest.entries().stream().filter(SnapshotManifest.Entry::present).count();
      return new VerifyDocumentSnapshot.Result(
          Verdict.PASS,
          "all %d files of snapshot %s are as they were".formatted(files, snapshot.get().id()));
    } catch (TargetException e) {
      return new VerifyDocumentSnapshot.Result(Verdict.FAIL, e.getMessage());
    }
  }
}
