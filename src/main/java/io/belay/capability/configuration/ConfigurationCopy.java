package io.belay.capability.configuration;

import io.belay.artifact.Artifact;
import io.belay.step.StepContext;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** Keeps a file's content as an artifact before something overwrites or removes it. */
final class ConfigurationCopy {

  private ConfigurationCopy() {}

  /** The name carries the content's hash: repeated after a crash it is the same artifact. */
  static Artifact keep(StepContext context, ConfigurationFile file) throws Exception {
    String name =
        "configuration-copy-%s-%s-%s"
            .formatted(
                context.stepKey(),
                Digests.sha256(file.path().toString()).substring(0, 8),
                file.state().sha256().substring(0, 16));
    return context
        .artifacts()
        .write(
            context.runId(),
            name,
            "configuration-copy",
            out -> {
              out.write(file.content());
              return Map.of(
                  "path", file.path().toString(),
                  "mode", file.state().mode(),
                  "contentSha256", file.state().sha256());
            });
  }

  static byte[] read(StepContext context, String id) throws IOException {
    Artifact artifact =
        context
            .artifacts()
            .find(id)
            .orElseThrow(() -> new IOException("the artifact %s is gone".formatted(id)));
    try (InputStream in = context.artifacts().open(artifact)) {
      return in.readAllBytes();
    }
  }
}
