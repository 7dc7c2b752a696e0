package io.belay.capability.configuration;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.artifact.Artifact;
import io.belay.step.StepContext;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;

/** Keeps values as an artifact before they are replaced; null stands for a key that was absent. */
final class FormerValues {

  private static final ObjectMapper JSON = new ObjectMapper();

  private FormerValues() {}

  /**
   * @param what tells them from others that this attempt keeps. Nothing of the values is in the
   *     artifact's name, not even a hash: short secrets could be guessed by it
   */
  static Artifact keep(StepContext context, String what, Map<String, String> values)
      throws Exception {
    byte[] content = JSON.writeValueAsBytes(new TreeMap<>(values));
    String name = "former-values-%s-%d-%s".formatted(context.stepKey(), context.attempt(), what);
    return context
        .artifacts()
        .write(
            context.runId(),
            name,
            "former-values",
            out -> {
              out.write(content);
              return Map.of("keys", String.join(", ", values.keySet()));
            });
  }

  static Map<String, String> read(StepContext context, String id) throws IOException {
    Artifact artifact =
        context
            .artifacts()
            .find(id)
            .orElseThrow(
                () ->
                    new TargetException(
                        "the artifact %s with the former values is gone; nothing was changed. Put them back by hand, then override this step with a reason"
                            .formatted(id)));
    try (InputStream in = context.artifacts().open(artifact)) {
      return JSON.readValue(in, new TypeReference<TreeMap<String, String>>() {});
    }
  }
}
