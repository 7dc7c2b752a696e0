package io.belay.document;

import io.belay.step.StepContext;
import io.belay.target.Artifact;
import io.belay.target.DocumentStoreTarget;

/** Takes snapshots and reads them back. */
final class SnapshotWriter {

  private final DocumentStoreTarget target;
  private final StepContext context;

  SnapshotWriter(DocumentStoreTarget target, StepContext context) {
    this.target = target;
    this.context = context;
  }

  DocumentSnapshot take() throws Exception {
    throw new UnsupportedOperationException("not built yet for " + target + context.runId());
  }

  void verify(Artifact snapshot) throws Exception {
    throw new UnsupportedOperationException("not built yet for " + snapshot);
  }
}
