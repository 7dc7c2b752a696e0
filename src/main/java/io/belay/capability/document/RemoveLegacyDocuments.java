package io.belay.capability.document;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import jakarta.validation.constraints.NotBlank;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code removeLegacyDocuments}: removes the legacy files, but only if this run validated the new
 * files and has a verified snapshot, which is first read again, and if the legacy files are still
 * as in the snapshot. Only a restore of the snapshot can undo it.
 *
 * @see RestoreDocumentSnapshot
 */
@Component
public class RemoveLegacyDocuments
    extends StepDelegate<RemoveLegacyDocuments.Input, RemoveLegacyDocuments.Result> {

  /** Name of the target; id of the snapshot, empty for the last one of this run. */
  public record Input(
      @NotBlank @DefaultValue("document-store") @TargetName(DocumentStoreTarget.class)
          String documents,
      @DefaultValue("") String snapshot) {}

  /**
   * @param files number of files removed
   */
  public record Result(int files) {}

  RemoveLegacyDocuments() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    DocumentStoreTarget target = context.target(input.documents(), DocumentStoreTarget.class);
    return new Result(LegacyRemoval.remove(target, input.documents(), input.snapshot(), context));
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.CANNOT_BE_UNDONE;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    DocumentStoreTarget target = environment.target(input.documents(), DocumentStoreTarget.class);
    return StepPlan.cannotBeUndone(
        input.documents(),
        "remove the legacy files in " + target.legacy(),
        Sizes.of(target).toString());
  }
}
