package io.belay.check;

import io.belay.target.RouterStatistics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.MannWhitneyUTest;

/** Turns a finished measurement into the numbers of a gate, and names those that are missing. */
final class HealthSummary {

  static final int FEWEST_SAMPLES = 5;
  private static final double FEWEST_TICKS = 0.8;

  /** Stands for a latency that is not known: a day. */
  private static final double WORST_MS = Duration.ofDays(1).toMillis();

  private final HealthMeasurement measurement;
  private final WatchedService candidate;
  private final WatchedService baseline;
  private final RouterStatistics routed;
  private final List<String> missing = new ArrayList<>();

  HealthSummary(HealthMeasurement measurement) {
    this.measurement = measurement;
    this.candidate = measurement.candidate();
    this.baseline = measurement.baseline();
    this.routed = measurement.routed();
  }

  /**
   * @param earlier what this run knows from before of how the baseline processes
   */
  MeasureHealth.Result result(
      Duration window, Duration interval, Function<Processing, Optional<Processing>> earlier) {
    RouterStatistics.Side side = routed == null ? null : routed.candidate();
    ProbeSeries.Stretch probes = candidate.probes().all();
    MetricsSeries metrics = candidate.metrics();
    long expected = (window.toMillis() + interval.toMillis() - 1) / interval.toMillis();
    if (probes.count() < FEWEST_SAMPLES || measurement.ticks() < FEWEST_TICKS * expected) {
      missing.add(
          "samples (%d probes in %d of %d turns)"
              .formatted(probes.count(), measurement.ticks(), expected));
    }
    note(measurement.routerMissing());
    note(candidate.metricsMissing());
    note(candidate.logMissing());
    double errors = metrics.growth("errors") / metrics.growth("requests");
    boolean ownFigures = side == null || side.latencyMs().isEmpty();
    double slowdown = slowdown(probes.latencies());
    return new MeasureHealth.Result(
        probes.count(),
        known("errorRate4xx", UserTraffic.worst4xx(probes.rate4xx(), side), 1),
        known(
            "errorRate5xx",
            UserTraffic.higher(UserTraffic.worst5xx(probes.rate5xx(), side), errors),
            1),
        latency("p50", 0.50, probes, side, ownFigures),
        latency("p95", 0.95, probes, side, ownFigures),
        latency("p99", 0.99, probes, side, ownFigures),
        baselineP95(),
        known("processingRatio", processingRatio(earlier), 0),
        candidate.integrationsDown(),
        known("poolUsage", metrics.pool(), 1),
        known("redisUp", metrics.redisUp(), 0) >= 1,
        known("memoryUsage", metrics.memory(), 1),
        known("cpuUsage", metrics.cpu(), 1),
        known("diskUsage", metrics.disk(), 1),
        candidate.errorLines(),
        slowdown,
        missing.isEmpty(),
        Findings.shortened(String.join("; ", missing)));
  }

  /** What the candidate processed in the window, and the baseline where there is one. */
  List<Processing> processing() {
    List<Processing> both = new ArrayList<>();
    both.add(processing(candidate, routed == null ? null : routed.candidate()));
    if (baseline != null) {
      both.add(processing(baseline, routed == null ? null : routed.baseline()));
    }
    return both;
  }

  private static Processing processing(WatchedService service, RouterStatistics.Side side) {
    MetricsSeries metrics = service.metrics();
    double processed = metrics.growth("messages_processed");
    double received = metrics.growth("messages_received");
    if (!Double.isNaN(received)) {
      return new Processing(service.name(), "received", received, processed);
    }
    return side == null
        ? new Processing(service.name(), "requests", metrics.growth("requests"), processed)
        : new Processing(service.name(), "routed", side.requests(), processed);
  }

  private double processingRatio(Function<Processing, Optional<Processing>> earlier) {
    List<Processing> both = processing();
    Processing ours = both.get(0);
    if (baseline == null || Double.isNaN(ours.ratio())) {
      return Double.NaN;
    }
    Processing now = both.get(1);
    Optional<Processing> theirs = now.comparableWith(ours) ? Optional.of(now) : earlier.apply(ours);
    return theirs
        .map(Processing::ratio)
        .filter(ratio -> ratio > 0)
        .map(ratio -> ours.ratio() / ratio)
        .orElse(Double.NaN);
  }

  private double latency(
      String name,
      double share,
      ProbeSeries.Stretch probes,
      RouterStatistics.Side side,
      boolean ownFigures) {
    double measured = UserTraffic.worst(probes.percentileMs(share), side, share);
    double told = ownFigures ? candidate.metrics().latest(m -> m.get(name)) : Double.NaN;
    return known(name + "Ms", UserTraffic.higher(measured, told), WORST_MS);
  }

  private double baselineP95() {
    if (baseline == null) {
      missing.add("baselineP95Ms (no baseline)");
      return 0;
    }
    ProbeSeries.Stretch probes = baseline.probes().all();
    double probed =
        probes.latencies().length < FEWEST_SAMPLES ? Double.NaN : probes.percentileMs(0.95);
    return known(
        "baselineP95Ms",
        UserTraffic.worst(probed, routed == null ? null : routed.baseline(), 0.95),
        0);
  }

  /** Mann-Whitney: how likely are such latencies if the candidate were not slower? */
  private double slowdown(double[] latencies) {
    double[] theirs = baseline == null ? new double[0] : baseline.probes().all().latencies();
    if (latencies.length < FEWEST_SAMPLES || theirs.length < FEWEST_SAMPLES) {
      return 0;
    }
    return MannWhitneyUTest.withDefaults()
        .with(AlternativeHypothesis.GREATER_THAN)
        .test(latencies, theirs)
        .getPValue();
  }

  private double known(String name, double value, double worst) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      missing.add(name);
      return worst;
    }
    return value;
  }

  private void note(String reason) {
    if (reason != null) {
      missing.add(reason);
    }
  }
}
