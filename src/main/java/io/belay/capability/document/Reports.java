package io.belay.capability.document;

import io.belay.artifact.Artifact;
import io.belay.step.StepContext;
import java.util.List;
import java.util.Map;

/** A step's findings as an artifact and as a sentence. */
final class Reports {

  private static final int LONGEST = 500;

  private Reports() {}

  /** Keeps a report as JSON; when repeated after a crash, returns the same artifact. */
  static Artifact keep(StepContext context, String kind, Object report) throws Exception {
    return context
        .artifacts()
        .write(
            context.runId(),
            "%s-%s.json".formatted(kind, context.stepKey()),
            kind,
            out -> {
              out.write(Json.MAPPER.writeValueAsBytes(report));
              return Map.of("format", "json");
            });
  }

  /** All findings in a sentence that fits into a variable. */
  static String sentence(List<String> findings, String none) {
    String all = findings.isEmpty() ? none : String.join("; ", findings);
    return all.length() <= LONGEST ? all : all.substring(0, LONGEST - 1) + "…";
  }
}
