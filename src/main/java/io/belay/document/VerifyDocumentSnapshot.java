package io.belay.document;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.DocumentStoreTarget;
import io.belay.target.Environment;
import jakarta.validation.constraints.NotBlank;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code verifyDocumentSnapshot}: can the snapshot be restored? Reads it to its end and compares
 * each file with its SHA-256.
 *
 * @see TakeDocumentSnapshot
 */
@Component
public class VerifyDocumentSnapshot
    extends StepDelegate<VerifyDocumentSnapshot.Input, VerifyDocumentSnapshot.Result> {

  /** Name of the target; id of the snapshot, empty for the last one of this run. */
  public record Input(
      @NotBlank @DefaultValue("document-store") @TargetName(DocumentStoreTarget.class)
          String documents,
      @DefaultValue("") String snapshot) {}

  /**
   * @param verdict {@code PASS}, {@code FAIL}, or {@code NO_DATA} when there is no snapshot
   */
  public record Result(Verdict verdict, String reason) {}

  VerifyDocumentSnapshot() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    DocumentStoreTarget target = context.target(input.documents(), DocumentStoreTarget.class);
    return SnapshotCheck.of(target, input.documents(), input.snapshot(), context);
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public Backup backup() {
    return Backup.VERIFIES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    DocumentStoreTarget target = environment.target(input.documents(), DocumentStoreTarget.class);
    return StepPlan.observes(
        input.documents(), "read the snapshot of %s back".formatted(target.describe()));
  }
}
