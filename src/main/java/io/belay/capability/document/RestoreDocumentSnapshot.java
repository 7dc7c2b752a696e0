package io.belay.capability.document;

import io.belay.artifact.Artifact;
import io.belay.capability.document.SnapshotRestore.Scope;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import jakarta.validation.constraints.NotBlank;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code restoreDocumentSnapshot}: restores every file of the store (legacy, new, query mode) from
 * the snapshot, byte for byte; removes files that did not exist then. Verifies the snapshot before
 * and the files afterwards. Keeps a file that was written to since this run's own snapshot as an
 * artifact first.
 *
 * @see TakeDocumentSnapshot
 */
@Component
public class RestoreDocumentSnapshot
    extends StepDelegate<RestoreDocumentSnapshot.Input, RestoreDocumentSnapshot.Result> {

  /**
   * Name of the target; id of the snapshot; {@code newest} or empty for the newest verified one of
   * an earlier run.
   */
  public record Input(
      @NotBlank @DefaultValue("document-store") @TargetName(DocumentStoreTarget.class)
          String documents,
      @DefaultValue("newest") String snapshot) {}

  /**
   * @param restored number of files written or removed
   * @param snapshot id of the restored snapshot
   */
  public record Result(int restored, String snapshot) {}

  RestoreDocumentSnapshot() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    DocumentStoreTarget target = context.target(input.documents(), DocumentStoreTarget.class);
    Artifact snapshot = SnapshotChoice.of(target, input.snapshot(), context);
    Optional<Artifact> present = RunSnapshot.find(input.documents(), context);
    int restored =
        new SnapshotRestore(target, context)
            .restore(snapshot, Scope.ALL, SnapshotRestore.in(present.stream().toList()));
    return new Result(restored, snapshot.id());
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    DocumentStoreTarget target = environment.target(input.documents(), DocumentStoreTarget.class);
    return StepPlan.changes(
        input.documents(),
        "put every file of %s back to the %s"
            .formatted(
                target.describe(),
                SnapshotChoice.isNewest(input.snapshot())
                    ? "newest verified snapshot"
                    : "snapshot " + input.snapshot()));
  }
}
