package io.belay.capability.check;

import io.belay.capability.check.comparison.Judgement;
import io.belay.target.RouterStatistics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Turns a finished measurement into the numbers of a gate, and names those that are missing. */
final class HealthSummary {

  static final int FEWEST_SAMPLES = 5;
  private static final double FEWEST_TICKS = 0.8;

  /** Stands for a latency that is not known: a day. */
  private static final double WORST_MS = Duration.ofDays(1).toMillis();

  /** What only the service's own metrics tell. */
  private static final Set<String> OF_METRICS =
      Set.of("processingRatio", "poolUsage", "redisUp", "memoryUsage", "cpuUsage", "diskUsage");

  private final HealthMeasurement measurement;
  private final Set<String> asked;
  private final WatchedService candidate;
  private final WatchedService baseline;
  private final EarlierMeasurements earlier;
  private final boolean compares;
  private final RouterStatistics.Side side;
  private final RouterStatistics.Side baselineSide;
  private final RoutedUsers users;
  private final List<String> missing = new ArrayList<>();

  /**
   * @param asked names of the results that must be known; empty for all
   * @param earlier of the baseline, or of none
   * @param before what users got earlier in the run
   * @param compares false when the candidate is measured by itself
   */
  HealthSummary(
      HealthMeasurement measurement,
      Set<String> asked,
      EarlierMeasurements earlier,
      UserAnswers before,
      boolean compares) {
    this.measurement = measurement;
    this.asked = asked;
    this.candidate = measurement.candidate();
    this.baseline = measurement.baseline();
    this.earlier = earlier;
    this.compares = compares;
    this.side = measurement.candidateRouted();
    this.baselineSide = measurement.baselineRouted();
    this.users = new RoutedUsers(side, baselineSide, before);
  }

  MeasureHealth.Result result(MeasureHealth.Input input) {
    ProbeSeries.Stretch probes = candidate.probes().all();
    MetricsSeries metrics = candidate.metrics();
    long interval = input.interval().toMillis();
    long expected = (input.window().toMillis() + interval - 1) / interval;
    Judgement judgement = measurement.compared().judgement();
    // A candidate that is worse ended the window early: what its users got is enough to say so.
    if (!measurement.compared().isWorse()
        && (probes.count() < FEWEST_SAMPLES || measurement.ticks() < FEWEST_TICKS * expected)) {
      missing.add(
          "samples (%d probes in %d of %d turns)"
              .formatted(probes.count(), measurement.ticks(), expected));
    }
    note(measurement.routerMissing());
    if (measurement.servesUsers() && !asked.contains("userRequests")) {
      note(users.tooFew());
    }
    if (OF_METRICS.stream().anyMatch(this::isAsked)
        || candidate.hasMetrics() && isAsked("errorRate5xx")) {
      note(candidate.metricsMissing());
    }
    if (isAsked("errorLines")) {
      note(candidate.logMissing());
    }
    note(restarted());
    String down = baselineDown();
    note(down);
    String doubt = isAsked("excess4xx") ? users.doubtful4xx(input.noticeErrors()) : null;
    note(doubt);
    double errors =
        metrics.complete() ? counted("errors", metrics) / counted("requests", metrics) : Double.NaN;
    return new MeasureHealth.Result(
        probes.count(),
        measurement.servesUsers(),
        users.requests(),
        known("errorRate4xx", UserTraffic.worst4xx(probes.rate4xx(), side), 1),
        users.excess4xx(),
        candidate.probes().unexpected(),
        Findings.shortened(candidate.probes().firstUnexpected()),
        known(
            "errorRate5xx",
            UserTraffic.higher(UserTraffic.worst5xx(probes.rate5xx(), side), errors),
            1),
        latency("p50", 0.50, probes),
        latency("p95", 0.95, probes),
        latency("p99", 0.99, probes),
        baselineP95(),
        known("processingRatio", processingRatio(), 0),
        candidate.integrationsDown(),
        known("poolUsage", metrics.pool(), 1),
        known("redisUp", metrics.redisUp(), 0) >= 1,
        known("memoryUsage", metrics.memory(), 1),
        known("cpuUsage", metrics.cpu(), 1),
        known("diskUsage", metrics.disk(), 1),
        candidate.errorLines(),
        judgement.outcome(),
        Findings.shortened(judgement.reason()),
        down == null,
        down == null && doubt == null,
        missing.isEmpty(),
        Findings.shortened(String.join("; ", missing)));
  }

  /** What later measurements of the run may want to compare with. */
  EarlierMeasurements.Measured measured() {
    List<Processing> processing = new ArrayList<>();
    Map<String, Double> p95Ms = new TreeMap<>();
    processing.add(processing(candidate, side));
    p95Ms.put(candidate.name(), p95(candidate, side));
    if (baseline != null) {
      processing.add(processing(baseline, baselineSide));
      p95Ms.put(baseline.name(), p95(baseline, baselineSide));
    }
    Map<String, UserAnswers> users = new TreeMap<>();
    if (side != null) {
      users.put(candidate.name(), UserAnswers.of(side));
    }
    if (baselineSide != null && baselineDown() == null) {
      users.put(baseline.name(), UserAnswers.of(baselineSide));
    }
    processing.removeIf(one -> Double.isNaN(one.ratio()));
    p95Ms.values().removeIf(value -> Double.isNaN(value));
    return new EarlierMeasurements.Measured(processing, p95Ms, users);
  }

  /** What else the operator should know of it. */
  Optional<String> remark(MeasureHealth.Input input) {
    return users.leftOut4xx(input.noticeErrors());
  }

  private String restarted() {
    String restart = candidate.metrics().restart();
    return restart == null
        ? null
        : "'%s' restarted while it was measured: %s".formatted(candidate.name(), restart);
  }

  /** Why traffic cannot go back to the baseline; null when it can, or there is none. */
  private String baselineDown() {
    if (baseline == null) {
      return null;
    }
    int probes = baseline.probes().all().count();
    String why = users.baselineFails(baseline.name());
    if (probes > 0 && baseline.probes().unexpected() == probes) {
      why = "no probe of the baseline '%s' passed (%s)";
      why = why.formatted(baseline.name(), baseline.probes().firstUnexpected());
    }
    return why == null ? null : why + ": look after it before traffic goes back to it";
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

  private double processingRatio() {
    Processing ours = processing(candidate, side);
    if (Double.isNaN(ours.ratio()) || !compares) {
      return ours.ratio();
    }
    Processing now = baseline == null ? null : processing(baseline, baselineSide);
    Optional<Processing> theirs =
        now != null && now.comparableWith(ours) ? Optional.of(now) : earlier.processing(ours);
    return theirs
        .map(Processing::ratio)
        .filter(ratio -> ratio > 0)
        .map(ratio -> ours.ratio() / ratio)
        .orElse(Double.NaN);
  }

  private double latency(String name, double share, ProbeSeries.Stretch probes) {
    double measured = UserTraffic.worst(probes.percentileMs(share), side, share);
    double told = candidate.metrics().latencyMs(name, share);
    return known(name + "Ms", UserTraffic.higher(measured, told), WORST_MS);
  }

  private double baselineP95() {
    if (!compares) {
      return 0;
    }
    double now = baseline == null ? Double.NaN : p95(baseline, baselineSide);
    return known("baselineP95Ms", Double.isNaN(now) ? earlier.p95Ms().orElse(now) : now, 0);
  }

  private static double p95(WatchedService service, RouterStatistics.Side side) {
    ProbeSeries.Stretch probes = service.probes().all();
    boolean enough = probes.latencies().length >= FEWEST_SAMPLES;
    return UserTraffic.worst(enough ? probes.percentileMs(0.95) : Double.NaN, side, 0.95);
  }

  /**
   * Of a service that has metrics; what others see of its errors does not stand for what it says.
   */
  private double counted(String counter, MetricsSeries metrics) {
    double growth = metrics.growth(counter);
    if (Double.isNaN(growth) && isAsked("errorRate5xx")) {
      missing.add(counter + " (counter)");
      return 0;
    }
    return growth;
  }

  private double known(String name, double value, double worst) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      if (isAsked(name)) {
        missing.add(name);
      }
      return worst;
    }
    return value;
  }

  private boolean isAsked(String figure) {
    return asked.isEmpty() || asked.contains(figure);
  }

  private void note(String reason) {
    if (reason != null) {
      missing.add(reason);
    }
  }
}
