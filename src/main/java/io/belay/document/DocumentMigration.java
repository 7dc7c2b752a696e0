package io.belay.document;

import io.belay.step.StepContext;
import io.belay.target.DocumentStoreTarget;

/** Moves the documents of the legacy files into the two new ones. */
final class DocumentMigration {

  /**
   * @param paused whether it waits to be continued
   */
  record Outcome(boolean paused, long documents, long bytes) {}

  private final DocumentStoreTarget target;
  private final StepContext context;

  DocumentMigration(DocumentStoreTarget target, StepContext context) {
    this.target = target;
    this.context = context;
  }

  Outcome run() throws Exception {
    throw new UnsupportedOperationException("not built yet for " + target + context.runId());
  }
}
