package io.belay.document;

import io.belay.step.StepContext;
import io.belay.target.DocumentStoreTarget;

/** Whether a snapshot can be relied on. */
final class SnapshotCheck {

  private SnapshotCheck() {}

  static VerifyDocumentSnapshot.Result of(
      DocumentStoreTarget target, String snapshot, StepContext context) throws Exception {
    throw new UnsupportedOperationException("not built yet");
  }
}
