package io.belay.target;

import io.belay.capability.document.DocumentStoreTarget;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Document stores as an environment file would make them, with all defaults. */
public final class DocumentStores {

  private DocumentStores() {}

  public static DocumentStoreTarget ofTheGuide(Path legacy, Path store, Path state) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("legacy", legacy.toString());
    settings.put("store", store.toString());
    settings.put("state", state.toString());
    List<InvalidEnvironment.Problem> problems = new ArrayList<>();
    DocumentStoreTarget target =
        new TargetBinding("targets.document-store", problems)
            .bind(settings, DocumentStoreTarget.class);
    if (!problems.isEmpty()) {
      throw new AssertionError(problems.toString());
    }
    return target;
  }
}
