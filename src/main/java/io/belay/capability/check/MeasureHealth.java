package io.belay.capability.check;

import io.belay.capability.check.comparison.Judged;
import io.belay.capability.check.comparison.Judgement;
import io.belay.capability.check.comparison.Terms;
import io.belay.step.AskedByTables;
import io.belay.step.Checkpoint;
import io.belay.step.InvalidStepInput;
import io.belay.step.Sample;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import io.belay.target.HttpProbe;
import io.belay.target.RouterStatistics;
import io.belay.target.RouterTarget;
import io.belay.target.ServiceTarget;
import io.belay.target.TargetException;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Measures a candidate beside its baseline for a window, for a decision table to judge: own probes,
 * the services' metrics ({@link ServiceMetrics} lists the names), the router's statistics, the log.
 * Of probes and users' requests the worse counts. Says nothing about good or bad itself.
 *
 * <p>Fail closed: a figure that is asked for and could not be measured is named in {@code missing},
 * {@code complete} is false, and the number itself is the worst possible, so that a table which
 * forgets {@code complete} does not pass either.
 */
@Component
@Checkpoint(name = Checkpoint.EVIDENCE, type = Judged.class)
@Checkpoint(name = EarlierMeasurements.SAVED, type = EarlierMeasurements.Measured.class)
public final class MeasureHealth extends StepDelegate<MeasureHealth.Input, MeasureHealth.Result> {

  /** Probability that a run calls a candidate worse which is not. */
  private static final double ALPHA = 0.01;

  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(20);

  /**
   * @param candidate service target of the new version
   * @param baseline service target of the old version; {@code none} for a service that is measured
   *     by itself: it is then compared with one that processes all it is offered. {@link
   *     JudgeAlone} makes it {@code none} for the rest of the run
   * @param router router target whose statistics count too; absent or {@code none} for the one at
   *     which this run moved the candidate's traffic, if there is one
   * @param share percentage of the users whom a flag gives the candidate; 0 where no flag decides.
   *     Without a router, what both services count themselves (requests, errors, a histogram of
   *     latencies) is then what users got
   * @param window how long to measure
   * @param longest to which the window grows while the comparison with the baseline is undecided;
   *     the window itself by default
   * @param noticeErrors rise of the error rate, in points, that the comparison must be able to
   *     notice; and of the 4xx, at which a person is asked
   * @param noticeSlowdown factor of a slowdown that it must be able to notice
   * @param toleratedSlowdown factor by which the candidate may be slower than the baseline
   * @param interval between two probes of an endpoint
   * @param figures names of the results that are asked for; none for all. One that is not asked for
   *     and could not be measured leaves {@code complete} as it is. Without {@code userRequests}
   *     among them, too few requests of users make the measurement incomplete.
   */
  public record Input(
      @NotBlank @DefaultValue("v2") @TargetName(ServiceTarget.class) String candidate,
      @DefaultValue("v1") @TargetName(ServiceTarget.class) String baseline,
      @TargetName(RouterTarget.class) String router,
      @DefaultValue("0") @DecimalMin("0") @DecimalMax("100") double share,
      @NotNull Duration window,
      Duration longest,
      @DefaultValue("5") @DecimalMin("0.01") double noticeErrors,
      @DefaultValue("2") @DecimalMin("1.05") double noticeSlowdown,
      @DefaultValue("1") @DecimalMin("1") @DecimalMax("10") double toleratedSlowdown,
      @NotNull @DefaultValue("500ms") Duration interval,
      @DefaultValue List<String> figures) {}

  /**
   * @param samples probes of the candidate
   * @param servesUsers whether the router is to send users to the candidate: probes do not replace
   *     what users got then
   * @param userRequests that the router sent to the candidate in the window; 0 when not known
   * @param errorRate4xx share of the requests, 0 to 1
   * @param excess4xx by how much the share of 4xx among the users' requests is above the
   *     baseline's, as far as that is beyond chance (p &lt; 0.001) and not of a few clients; 0
   *     while the baseline has no users
   * @param failedProbes probes that had no answer, or another one than their endpoint wants
   * @param firstFailedProbe the first of them; empty when there was none
   * @param errorRate5xx share, 0 to 1; a request without an answer counts
   * @param p50Ms by nearest rank
   * @param processingRatio messages processed per unit offered, candidate's over baseline's; the
   *     baseline's from earlier in the run when it gets no traffic now
   * @param integrationsDown the most that did not answer at once
   * @param poolUsage highest used share of the connection pool
   * @param redisUp whether it was up at every look
   * @param cpuUsage mean; memory and disk are the highest
   * @param errorLines lines with ERROR appended to the candidate's log
   * @param comparison of what users got from the candidate and from the baseline
   * @param comparisonReason one sentence with its numbers
   * @param baselineUp false when the baseline is down: traffic cannot go back there
   * @param decidable false when a person has to decide: the baseline is down, or the 4xx rose by
   *     {@code noticeErrors} points or more while the baseline has no users to compare with, or the
   *     candidate has only a few clients
   * @param complete whether everything was measured
   * @param missing what was not, and why
   */
  public record Result(
      int samples,
      @AskedByTables boolean servesUsers,
      @AskedByTables long userRequests,
      double errorRate4xx,
      double excess4xx,
      int failedProbes,
      String firstFailedProbe,
      double errorRate5xx,
      double p50Ms,
      double p95Ms,
      double p99Ms,
      double baselineP95Ms,
      double processingRatio,
      int integrationsDown,
      double poolUsage,
      boolean redisUp,
      double memoryUsage,
      double cpuUsage,
      double diskUsage,
      int errorLines,
      @AskedByTables Judgement.Outcome comparison,
      String comparisonReason,
      boolean baselineUp,
      boolean decidable,
      boolean complete,
      String missing) {}

  private final HttpProbe http;
  private final RouterStatistics.Reader routers;

  MeasureHealth(HttpProbe http, RouterStatistics.Reader routers) {
    super(Input.class, Result.class);
    this.http = http;
    this.routers = routers;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    requireCheck(input, context);
    if (input.interval().compareTo(SHORTEST_INTERVAL) < 0
        || input.window().compareTo(input.interval()) < 0) {
      throw new InvalidStepInput(
          "measureHealth: interval %s must be %s or more, window %s no shorter than the interval"
              .formatted(input.interval(), SHORTEST_INTERVAL, input.window()));
    }
    String beside =
        JudgeAlone.isDecided(input.candidate(), input.baseline(), context)
            ? TargetName.NONE
            : input.baseline();
    try (WatchedService candidate = watch(input.candidate(), context);
        WatchedService baseline = given(beside) ? watch(beside, context) : null) {
      if (candidate == null) {
        throw new TargetException(
            "no instance of service '%s' is left to be measured".formatted(input.candidate()));
      }
      HealthMeasurement measurement =
          new HealthMeasurement(
              candidate,
              baseline,
              router(input, context),
              input.share(),
              compared(input, baseline == null ? TargetName.NONE : beside, context));
      measurement.run(
          input.window(),
          input.longest() == null ? input.window() : input.longest(),
          input.interval(),
          samples -> store(samples, context),
          context.progress(),
          context.cancellation());
      EarlierMeasurements earlier = new EarlierMeasurements(input.baseline(), context);
      HealthSummary summary =
          new HealthSummary(
              measurement,
              Set.copyOf(input.figures()),
              earlier,
              EarlierMeasurements.before(input.candidate(), input.baseline(), context),
              !TargetName.NONE.equals(beside));
      Result result = summary.result(input);
      summary.remark(input).ifPresent(remark -> context.log("%s", remark));
      context.save(EarlierMeasurements.SAVED, summary.measured());
      context.save(Checkpoint.EVIDENCE, measurement.compared().judged());
      return result;
    }
  }

  private static ComparedSides compared(Input input, String beside, StepContext context) {
    int number =
        1
            + (int)
                context.started("measureHealth").stream()
                    .filter(step -> step.saved(Checkpoint.EVIDENCE, Judged.class).isPresent())
                    .count();
    return new ComparedSides(
        weight ->
            new Terms(
                input.candidate(),
                beside,
                number,
                ALPHA,
                weight,
                input.noticeErrors(),
                input.noticeSlowdown(),
                Terms.TOLERATED_MS,
                input.toleratedSlowdown(),
                true));
  }

  private static void store(List<Sample> samples, StepContext context) {
    if (!samples.isEmpty()) {
      context.sample(samples);
    }
  }

  /** Null when no instance of the service is left. */
  private WatchedService watch(String name, StepContext context) throws Exception {
    ServiceTarget target = context.target(name, ServiceTarget.class);
    List<ServiceLocations.Location> locations = ServiceLocations.of(name, target, context);
    return locations.isEmpty() ? null : new WatchedService(name, target, locations, http);
  }

  private Supplier<RouterStatistics> router(Input input, StepContext context) {
    String name = RouterOfRun.of(input.candidate(), input.router(), context);
    if (!given(name)) {
      return null;
    }
    RouterTarget target = context.target(name, RouterTarget.class);
    return () -> routers.read(target);
  }

  private static boolean given(String name) {
    return name != null && !name.isBlank() && !name.equals(TargetName.NONE);
  }

  @Override
  public List<String> check(Input input, Environment environment) {
    List<String> problems = new ArrayList<>(MeasuredSides.problems(input, environment));
    if (input.noticeSlowdown() <= input.toleratedSlowdown()) {
      problems.add(
          "noticeSlowdown %s must be above toleratedSlowdown %s: what is tolerated is never noticed"
              .formatted(input.noticeSlowdown(), input.toleratedSlowdown()));
    }
    return problems;
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    ServiceTarget candidate = environment.target(input.candidate(), ServiceTarget.class);
    StepPlan plan =
        StepPlan.observes(
            input.candidate(),
            "Watch %s for %d s%s"
                .formatted(
                    candidate.describe(),
                    input.window().toSeconds(),
                    given(input.baseline()) ? " beside '" + input.baseline() + "'" : ""),
            candidate.endpoints().stream().map(path -> "GET " + path).toArray(String[]::new));
    return new StepPlan(
        plan.effect(), plan.target(), plan.summary(), plan.details(), input.window());
  }
}
