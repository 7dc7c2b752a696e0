package io.belay.capability.document;

import io.belay.artifact.Artifact;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.Environment;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Positive;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code validateDocuments}: whether all documents in the new files are as they were, and satisfy
 * the rules. The report is kept as an artifact.
 *
 * @see DocumentValidation
 */
@Component
public class ValidateDocuments
    extends StepDelegate<ValidateDocuments.Input, ValidateDocuments.Result> {

  /** Name of the target; how many times slower than the legacy files the new ones may be. */
  public record Input(
      @NotBlank @DefaultValue("document-store") @TargetName(DocumentStoreTarget.class)
          String documents,
      @Positive @DefaultValue("1.5") double slowdownLimit) {}

  /**
   * @param report id of the artifact with the report
   * @param slowdown read time of the new files as a multiple of the legacy ones'; null without data
   */
  public record Result(
      Verdict verdict,
      String reason,
      int criticalIssues,
      int warnings,
      String report,
      Double slowdown) {}

  ValidateDocuments() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    DocumentStoreTarget target = context.target(input.documents(), DocumentStoreTarget.class);
    ValidationReport report =
        DocumentValidation.validate(
            target, input.slowdownLimit(), context.progress(), context.cancellation());
    Artifact kept = Reports.keep(context, "document-validation", report);
    if (report.overall()) {
      new MigrationFiles(target).markValidated();
    }
    report.criticalIssues().forEach(issue -> context.log("Critical: %s", issue.message()));
    report.warnings().forEach(warning -> context.log("Warning: %s", warning.message()));
    return new Result(
        report.overall() ? Verdict.PASS : Verdict.FAIL,
        Reports.sentence(
            report.criticalIssues().stream().map(ValidationResult::message).toList(),
            "all %,d documents are in the new files as they were".formatted(report.documents())),
        report.criticalIssues().size(),
        report.warnings().size(),
        kept.id(),
        report.slowdown());
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
        "compare every document of %s, by content".formatted(target.describe()),
        Sizes.of(target).toString());
  }
}
