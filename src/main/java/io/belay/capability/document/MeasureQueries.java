package io.belay.capability.document;

import io.belay.step.InvalidStepInput;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code measureQueries}: for a window of time, queries documents of all collections as an
 * application would, and in addition both sides for the same documents. Applications' queries to
 * this node count too. A decision table judges the figures; this step does not.
 *
 * <p>Fails closed: what could not be measured is absent and named in {@code missing}, and {@code
 * complete} is false.
 */
@Component
public class MeasureQueries extends StepDelegate<MeasureQueries.Input, MeasureQueries.Result> {

  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(1);

  /**
   * @param documents name of the target
   * @param window how long to measure
   * @param interval between two queries
   */
  public record Input(
      @NotBlank @DefaultValue("document-store") @TargetName(DocumentStoreTarget.class)
          String documents,
      @NotNull Duration window,
      @NotNull @DefaultValue("50ms") Duration interval) {}

  /**
   * @param calls number of queries in the window, including the applications'
   * @param errors queries without an answer, because no side could be read
   * @param errorRate share of errors, 0 to 1
   * @param fallbackRate share that one side answered instead of the other
   * @param missRate share of the queries for one {@code _id} that found nothing
   * @param p95New milliseconds, of the new files
   * @param p95Legacy milliseconds, of the legacy files, for the same documents
   * @param slowdown {@code p95New} over {@code p95Legacy}
   * @param lateWrites legacy files that an application wrote to after their documents were moved
   * @param lateWrite which files, when, and some of the documents; empty when there is none
   * @param newHealthy whether the new files can be read as the library would
   * @param complete whether everything was measured
   * @param missing what was not measured, and why
   */
  public record Result(
      long calls,
      long errors,
      Double errorRate,
      Double fallbackRate,
      Double missRate,
      Double p95New,
      Double p95Legacy,
      Double slowdown,
      Integer lateWrites,
      String lateWrite,
      boolean newHealthy,
      boolean legacyHealthy,
      boolean complete,
      String missing) {}

  private final QueryAdapters adapters;

  MeasureQueries(QueryAdapters adapters) {
    super(Input.class, Result.class);
    this.adapters = adapters;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    if (input.interval().compareTo(SHORTEST_INTERVAL) < 0
        || input.window().compareTo(input.interval()) < 0) {
      throw new InvalidStepInput(
          "measureQueries: interval %s must be %s or more, window %s no shorter than the interval"
              .formatted(input.interval(), SHORTEST_INTERVAL, input.window()));
    }
    DocumentStoreTarget target = context.target(input.documents(), DocumentStoreTarget.class);
    return new QueryMeasurement(adapters.of(target), context).run(input.window(), input.interval());
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    DocumentStoreTarget target = environment.target(input.documents(), DocumentStoreTarget.class);
    StepPlan plan =
        StepPlan.observes(
            input.documents(),
            "Ask for documents of %d collections for %d s, of both sides beside it"
                .formatted(target.collections().size(), input.window().toSeconds()));
    return new StepPlan(
        plan.effect(), plan.target(), plan.summary(), plan.details(), input.window());
  }
}
