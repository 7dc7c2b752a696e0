package io.belay.capability.document;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.Environment;
import jakarta.validation.constraints.NotBlank;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code restoreQueryMode}: undoes every {@code switchQueryMode} of this run. Restores the query
 * mode from before the first one; does nothing when none was started. Idempotent.
 *
 * @see SwitchQueryMode
 */
@Component
@Undoes("switchQueryMode")
public class RestoreQueryMode
    extends UndoDelegate<RestoreQueryMode.Input, RestoreQueryMode.Result> {

  /** Name of the target. */
  public record Input(
      @NotBlank @DefaultValue("document-store") @TargetName(DocumentStoreTarget.class)
          String documents) {}

  /** The mode in which queries are answered now. */
  public record Result(String mode) {}

  RestoreQueryMode() {
    super(Input.class, Result.class);
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    return past.input(SwitchQueryMode.Input.class).documents().equals(input.documents());
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> switches, StepContext context)
      throws IOException {
    DocumentStoreTarget target = context.target(input.documents(), DocumentStoreTarget.class);
    QuerySettings settings = QuerySettings.of(target);
    Optional<QuerySetting> before = beforeTheRun(switches);
    if (before.isEmpty()) {
      return new Result(settings.current().mode().text());
    }
    QuerySetting wanted = before.get();
    if (!settings.current().sameAs(wanted)) {
      settings.set(
          wanted.mode(),
          wanted.preferNew(),
          wanted.fallback(),
          context.fence(),
          "run " + context.runName());
      context.log("Queries: %s again", wanted.mode().text());
    }
    return new Result(wanted.mode().text());
  }

  private static Optional<QuerySetting> beforeTheRun(List<PastStep> switches) {
    return switches.stream()
        .flatMap(step -> step.saved(SwitchQueryMode.PREVIOUS, QuerySetting.class).stream())
        .findFirst();
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.changes(
        input.documents(), "Answer queries as before the run, if it changed that");
  }
}
