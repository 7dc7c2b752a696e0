package io.belay.capability.document;

import io.belay.step.Checkpoint;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.io.IOException;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code switchQueryMode}: sets the mode in which queries are answered, on every node. Refuses a
 * mode in which a side that cannot answer would have to. Idempotent.
 *
 * @see RestoreQueryMode
 */
@Component
@Checkpoint(name = SwitchQueryMode.PREVIOUS, type = QuerySetting.class)
public class SwitchQueryMode extends StepDelegate<SwitchQueryMode.Input, SwitchQueryMode.Result> {

  /** Name of the checkpoint with the earlier {@link QuerySetting}, saved before the effect. */
  static final String PREVIOUS = "previous";

  /**
   * @param documents name of the target
   * @param preferNew in hybrid mode: whether the new files are asked first
   * @param fallback in hybrid mode: whether the other side is asked if the first has no answer
   */
  public record Input(
      @NotBlank @DefaultValue("document-store") @TargetName(DocumentStoreTarget.class)
          String documents,
      @NotNull QueryMode mode,
      @DefaultValue("true") boolean preferNew,
      @DefaultValue("true") boolean fallback) {}

  /**
   * @param mode {@code legacy}, {@code hybrid} or {@code new}
   * @param previous the mode before this step
   */
  public record Result(String mode, String previous) {}

  private final QueryAdapters adapters;

  SwitchQueryMode(QueryAdapters adapters) {
    super(Input.class, Result.class);
    this.adapters = adapters;
  }

  @Override
  public Result perform(Input input, StepContext context) throws IOException {
    DocumentStoreTarget target = context.target(input.documents(), DocumentStoreTarget.class);
    QueryAdapter adapter = adapters.of(target);
    adapter.requireAnswers(input.mode(), input.preferNew(), input.fallback());
    QuerySetting previous =
        context.saved(PREVIOUS, QuerySetting.class).orElse(null); // saved by a killed attempt
    if (previous == null) {
      previous = adapter.setting();
      context.save(PREVIOUS, previous);
    }
    QuerySettings.of(target)
        .set(
            input.mode(),
            input.preferNew(),
            input.fallback(),
            context.fence(),
            "run " + context.runName());
    context.log("Queries: %s, before %s", input.mode().text(), previous.mode().text());
    return new Result(input.mode().text(), previous.mode().text());
  }

  @Override
  public StepPlan plan(Input input, Environment environment) throws IOException {
    DocumentStoreTarget target = environment.target(input.documents(), DocumentStoreTarget.class);
    QuerySetting now = adapters.of(target).setting();
    return StepPlan.changes(
        input.documents(),
        "Answer queries in mode %s (now: %s)".formatted(input.mode().text(), now.mode().text()),
        "prefer new: %s, fall back: %s".formatted(input.preferNew(), input.fallback()));
  }
}
