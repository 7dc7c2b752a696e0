package io.belay.capability.document;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.Environment;
import jakarta.validation.constraints.NotBlank;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code revertDocumentRestore}: undoes {@code restoreDocumentSnapshot} of this run: restores every
 * file of the store from the snapshot that this run took before. Keeps a file that was written to
 * since the restore as an artifact first. Safe to repeat, and if nothing was restored.
 *
 * @see RestoreDocumentSnapshot
 */
@Component
@Undoes("restoreDocumentSnapshot")
public class RevertDocumentRestore
    extends UndoDelegate<RevertDocumentRestore.Input, RevertDocumentRestore.Result> {

  /** Name of the target. */
  public record Input(
      @NotBlank @DefaultValue("document-store") @TargetName(DocumentStoreTarget.class)
          String documents) {}

  /**
   * @param restored number of files written or removed
   */
  public record Result(int restored) {}

  RevertDocumentRestore() {
    super(Input.class, Result.class);
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    return past.input(RestoreDocumentSnapshot.Input.class).documents().equals(input.documents());
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> restores, StepContext context)
      throws Exception {
    DocumentStoreTarget target = context.target(input.documents(), DocumentStoreTarget.class);
    return new Result(
        restores.isEmpty()
            ? 0
            : MigrationRevert.restoreToo(target, input.documents(), restores, context));
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    DocumentStoreTarget target = environment.target(input.documents(), DocumentStoreTarget.class);
    return StepPlan.changes(
        input.documents(),
        "put every file of %s back to the snapshot that this run took before its restore"
            .formatted(target.describe()));
  }
}
