package io.belay.document;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.DocumentStoreTarget;
import io.belay.target.Environment;
import jakarta.validation.constraints.NotBlank;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code takeDocumentSnapshot}: keeps all legacy files, the new files and the query mode in one
 * artifact, and reads it back.
 *
 * @see RestoreDocumentSnapshot
 */
@Component
public class TakeDocumentSnapshot
    extends StepDelegate<TakeDocumentSnapshot.Input, TakeDocumentSnapshot.Result> {

  /** Name of the target. */
  public record Input(
      @NotBlank @DefaultValue("document-store") @TargetName(DocumentStoreTarget.class)
          String documents) {}

  /**
   * @param snapshot id of the artifact
   * @param bytes of the files in it
   */
  public record Result(String snapshot, int files, long bytes) {}

  TakeDocumentSnapshot() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    DocumentStoreTarget target = context.target(input.documents(), DocumentStoreTarget.class);
    DocumentSnapshot snapshot = new SnapshotWriter(target, context).take();
    return new Result(snapshot.id(), snapshot.files(), snapshot.bytes());
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public Backup backup() {
    return Backup.TAKES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    DocumentStoreTarget target = environment.target(input.documents(), DocumentStoreTarget.class);
    return StepPlan.observes(
        input.documents(),
        "keep every file of %s in one artifact and read it back".formatted(target.describe()),
        Sizes.of(target).toString());
  }
}
