package io.belay.capability.schema;

import io.belay.artifact.Artifact;
import io.belay.step.BusinessStop;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The fingerprints among a run's artifacts. */
final class RunFingerprints {

  private RunFingerprints() {}

  /**
   * Stores a fingerprint as an artifact of this step; keeps and returns that of an earlier attempt.
   */
  static Artifact store(StepContext context, String fileName, Fingerprint fingerprint)
      throws Exception {
    return context
        .artifacts()
        .write(
            context.runId(),
            fileName,
            "fingerprint",
            out -> {
              out.write(fingerprint.toJson());
              return Map.of(
                  "fingerprint", fingerprint.digest(),
                  "tables", Integer.toString(fingerprint.tables().size()),
                  "rows", Long.toString(fingerprint.rows()));
            });
  }

  static Fingerprint read(StepContext context, Artifact artifact) throws IOException {
    try (InputStream in = context.artifacts().open(artifact)) {
      return Fingerprint.fromJson(in);
    }
  }

  /** This run's first fingerprint of that name, since the earliest state counts. */
  static Optional<Fingerprint> first(StepContext context, String migration, String name)
      throws IOException {
    Optional<PastStep> taken = firstTaken(context, migration, name);
    return taken.isEmpty()
        ? Optional.empty()
        : Optional.of(read(context, stored(taken.get(), context).findFirst().orElseThrow()));
  }

  /** The step that took this run's first fingerprint of that name. */
  static Optional<PastStep> firstTaken(StepContext context, String migration, String name) {
    return context.started(TakeFingerprint.class).stream()
        .filter(
            step -> {
              TakeFingerprint.Input input = step.input(TakeFingerprint.Input.class);
              return input.name().equals(name) && input.migration().equals(migration);
            })
        .filter(step -> stored(step, context).findAny().isPresent())
        .findFirst();
  }

  private static Stream<Artifact> stored(PastStep step, StepContext context) {
    return step.artifacts().stream().flatMap(id -> context.artifacts().find(id).stream());
  }

  /**
   * @throws BusinessStop when this run took none: nothing can be proven, so the run must stop
   */
  static Fingerprint required(StepContext context, String migration, String name)
      throws IOException {
    return first(context, migration, name)
        .orElseThrow(
            () ->
                new BusinessStop(
                    "this run has no fingerprint '%s' of '%s' to compare with; a takeFingerprint step must come first"
                        .formatted(name, migration)));
  }
}
