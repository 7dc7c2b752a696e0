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
 * {@code revertDocumentMigration}: restores the new files to their state before this run migrated,
 * byte for byte; removes unfinished files. Safe to repeat, and if nothing was migrated.
 *
 * @see MigrateDocuments
 */
@Component
@Undoes("migrateDocuments")
public class RevertDocumentMigration
    extends UndoDelegate<RevertDocumentMigration.Input, RevertDocumentMigration.Result> {

  /** Name of the target. */
  public record Input(
      @NotBlank @DefaultValue("document-store") @TargetName(DocumentStoreTarget.class)
          String documents) {}

  /**
   * @param restored number of files written or removed
   */
  public record Result(int restored) {}

  RevertDocumentMigration() {
    super(Input.class, Result.class);
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    return past.input(MigrateDocuments.Input.class).documents().equals(input.documents());
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> migrations, StepContext context)
      throws Exception {
    DocumentStoreTarget target = context.target(input.documents(), DocumentStoreTarget.class);
    return new Result(
        migrations.isEmpty() ? 0 : MigrationRevert.revert(target, input.documents(), context));
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    DocumentStoreTarget target = environment.target(input.documents(), DocumentStoreTarget.class);
    return StepPlan.changes(
        input.documents(),
        "put %s and %s back to the snapshot of this run"
            .formatted(target.adminFile(), target.applicationFile()));
  }
}
