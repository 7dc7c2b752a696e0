package io.belay.document;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.DocumentStoreTarget;
import io.belay.target.Environment;
import jakarta.validation.constraints.NotBlank;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code restoreQueryMode}: the undo of every {@code switchQueryMode} of this run. Queries are
 * answered as they were before the first of them; nothing when none began. Idempotent.
 *
 * @see SwitchQueryMode
 */
@Component
public class RestoreQueryMode
    extends StepDelegate<RestoreQueryMode.Input, RestoreQueryMode.Result> {

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
  public Result perform(Input input, StepContext context) throws IOException {
    DocumentStoreTarget target = context.target(input.documents(), DocumentStoreTarget.class);
    QuerySettings settings = QuerySettings.of(target);
    Optional<QuerySetting> before = beforeTheRun(input, context.started("switchQueryMode"));
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

  private static Optional<QuerySetting> beforeTheRun(Input input, List<PastStep> switches) {
    return switches.stream()
        .filter(
            step -> step.input(SwitchQueryMode.Input.class).documents().equals(input.documents()))
        .flatMap(step -> step.saved(SwitchQueryMode.PREVIOUS, QuerySetting.class).stream())
        .findFirst();
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.changes(
        input.documents(), "Answer queries as before the run, if it changed that");
  }
}
