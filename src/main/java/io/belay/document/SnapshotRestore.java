package io.belay.document;

import io.belay.step.StepContext;
import io.belay.target.Artifact;
import io.belay.target.DocumentStoreTarget;

/** Gives files back from a snapshot, byte for byte. */
final class SnapshotRestore {

  /** Which files. */
  enum Scope {
    /** Legacy files, new files, and the query mode. */
    ALL,
    /** admin.db and application.db. */
    NEW_FILES
  }

  private final DocumentStoreTarget target;
  private final StepContext context;

  SnapshotRestore(DocumentStoreTarget target, StepContext context) {
    this.target = target;
    this.context = context;
  }

  /** The number of files that were written or removed. */
  int restore(Artifact snapshot, Scope scope) throws Exception {
    throw new UnsupportedOperationException(
        "not built yet for " + target + context + snapshot + scope);
  }

  static Artifact choose(DocumentStoreTarget target, String snapshot, StepContext context) {
    throw new UnsupportedOperationException("not built yet");
  }

  static int revert(DocumentStoreTarget target, String documents, StepContext context)
      throws Exception {
    throw new UnsupportedOperationException("not built yet");
  }

  static int revertRestore(DocumentStoreTarget target, String documents, StepContext context)
      throws Exception {
    throw new UnsupportedOperationException("not built yet");
  }

  static boolean isNewest(String snapshot) {
    return snapshot == null || snapshot.isBlank() || snapshot.equals("newest");
  }
}
