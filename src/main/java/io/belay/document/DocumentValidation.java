package io.belay.document;

import io.belay.target.Cancellation;
import io.belay.target.DocumentStoreTarget;
import io.belay.target.Progress;
import java.io.IOException;

/**
 * Compares the new files with the legacy ones, every document, and checks what must hold in them.
 */
public final class DocumentValidation {

  private DocumentValidation() {}

  /**
   * Observes only.
   *
   * @param slowdownLimit reads from the new files that take longer than from the legacy ones by
   *     more than this factor are a warning
   * @throws IOException when a file cannot be read
   */
  public static ValidationReport validate(
      DocumentStoreTarget target,
      double slowdownLimit,
      Progress progress,
      Cancellation cancellation)
      throws IOException {
    throw new UnsupportedOperationException("not built yet");
  }
}
