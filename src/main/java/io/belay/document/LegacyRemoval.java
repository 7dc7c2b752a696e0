package io.belay.document;

import io.belay.step.StepContext;
import io.belay.target.DocumentStoreTarget;

/** Removes the legacy files when all that protects them holds. */
final class LegacyRemoval {

  private LegacyRemoval() {}

  static int remove(
      DocumentStoreTarget target, String documents, String snapshot, StepContext context)
      throws Exception {
    throw new UnsupportedOperationException("not built yet");
  }
}
