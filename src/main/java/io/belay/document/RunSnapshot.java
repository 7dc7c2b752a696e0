package io.belay.document;

import io.belay.step.BusinessStop;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.target.Artifact;
import io.belay.target.TargetException;
import java.util.List;
import java.util.Optional;

/** The snapshot that the present run took, which its undo goes back to. */
final class RunSnapshot {

  private RunSnapshot() {}

  /** The last finished one of that target; empty when there is none. */
  static Optional<Artifact> find(String documents, StepContext context) {
    List<String> ids =
        context.started("takeDocumentSnapshot").stream()
            .filter(past -> isOf(past, documents))
            .flatMap(past -> past.result(TakeDocumentSnapshot.Result.class).stream())
            .map(TakeDocumentSnapshot.Result::snapshot)
            .toList();
    return ids.isEmpty()
        ? Optional.empty()
        : Optional.of(
            context
                .artifacts()
                .find(ids.get(ids.size() - 1))
                .orElseThrow(
                    () ->
                        new TargetException(
                            "the snapshot %s of this run is not among the artifacts any more. Nothing was changed; put the file and its manifest back, then retry"
                                .formatted(ids.get(ids.size() - 1)))));
  }

  private static boolean isOf(PastStep past, String documents) {
    return past.input(TakeDocumentSnapshot.Input.class).documents().equals(documents);
  }

  /**
   * @throws BusinessStop when this run took none: what it does now could not be taken back
   */
  static Artifact require(String documents, StepContext context) {
    return find(documents, context)
        .orElseThrow(
            () ->
                new BusinessStop(
                    "this run has no snapshot of '%s', so nothing that it did could be taken back; take one first (takeDocumentSnapshot)"
                        .formatted(documents)));
  }

  /** SHA-256 of a file in the snapshot; {@code absent} when it was not there. */
  static String hash(Artifact snapshot, String role, String name) {
    return snapshot.details().getOrDefault(key(role, name), "unknown");
  }

  static String key(String role, String name) {
    return "sha256 " + role + "/" + name;
  }
}
