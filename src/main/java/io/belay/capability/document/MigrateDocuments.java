package io.belay.capability.document;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import jakarta.validation.constraints.NotBlank;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code migrateDocuments}: moves all documents into the two new files. Resumes where it was paused
 * or killed; only reads the legacy files. Puts the new files in place once both are written and
 * checked. Stops when a legacy file is changed meanwhile.
 *
 * @see RevertDocumentMigration
 * @see MigrationPause
 */
@Component
public class MigrateDocuments
    extends StepDelegate<MigrateDocuments.Input, MigrateDocuments.Result> {

  /** Name of the target. */
  public record Input(
      @NotBlank @DefaultValue("document-store") @TargetName(DocumentStoreTarget.class)
          String documents) {}

  /**
   * @param paused whether it was paused; the next execution resumes
   * @param documents in the new files, or written so far
   * @param bytes of these documents
   */
  public record Result(boolean paused, long documents, long bytes) {}

  MigrateDocuments() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    DocumentStoreTarget target = context.target(input.documents(), DocumentStoreTarget.class);
    DocumentMigration.Outcome outcome =
        new DocumentMigration(target, input.documents(), context).run();
    return new Result(outcome.paused(), outcome.documents(), outcome.bytes());
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    DocumentStoreTarget target = environment.target(input.documents(), DocumentStoreTarget.class);
    Sizes sizes = Sizes.of(target);
    return new StepPlan(
        effect(),
        input.documents(),
        "write all documents to %s and %s".formatted(target.adminFile(), target.applicationFile()),
        List.of(sizes.toString(), "the legacy files are not changed"),
        sizes.migration());
  }
}
