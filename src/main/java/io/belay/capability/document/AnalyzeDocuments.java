package io.belay.capability.document;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.Environment;
import jakarta.validation.constraints.NotBlank;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code analyzeDocuments}: what the legacy store holds, and whether it can be migrated. The whole
 * analysis is kept as an artifact.
 *
 * @see DocumentAnalysis
 */
@Component
public class AnalyzeDocuments
    extends StepDelegate<AnalyzeDocuments.Input, AnalyzeDocuments.Result> {

  /** Name of the target. */
  public record Input(
      @NotBlank @DefaultValue("document-store") @TargetName(DocumentStoreTarget.class)
          String documents) {}

  /**
   * @param unreadable number of unreadable lines, including torn last lines
   */
  public record Result(
      Verdict verdict,
      String reason,
      long documents,
      int files,
      long bytes,
      int missing,
      long unreadable) {}

  AnalyzeDocuments() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    DocumentStoreTarget target = context.target(input.documents(), DocumentStoreTarget.class);
    DocumentAnalysis analysis =
        DocumentAnalysis.of(
            target, context.artifacts(), context.progress(), context.cancellation());
    Reports.keep(context, "document-analysis", analysis);
    analysis.warnings().forEach(warning -> context.log("Warning: %s", warning));
    analysis.reasons().forEach(reason -> context.log("Not ready: %s", reason));
    return new Result(
        analysis.ready() ? Verdict.PASS : Verdict.FAIL,
        Reports.sentence(analysis.reasons(), "the store can be migrated"),
        analysis.documents(),
        target.collections().size() - analysis.missing().size(),
        analysis.bytes(),
        analysis.missing().size(),
        analysis.unreadableLines());
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    DocumentStoreTarget target = environment.target(input.documents(), DocumentStoreTarget.class);
    return StepPlan.observes(
        input.documents(),
        "read every line of the legacy files of " + target.describe(),
        Sizes.of(target).toString());
  }
}
