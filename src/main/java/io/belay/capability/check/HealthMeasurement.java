package io.belay.capability.check;

import io.belay.step.Sample;
import io.belay.target.Cancellation;
import io.belay.target.Progress;
import io.belay.target.RouterStatistics;
import io.belay.target.TargetException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Watches a candidate and a baseline side by side for a window, or until the comparison of both
 * says that the candidate is worse. Probes go out at a fixed rate, whether earlier ones are
 * answered or not. Metrics, integrations, log and router are looked at when the window begins, when
 * it ends, and about every second between (at most 300 times in all); each look gives one point for
 * the plots. A cancellation ends it by an exception.
 */
final class HealthMeasurement {

  private static final Duration SHORTEST_LOOK = Duration.ofSeconds(1);
  private static final int MOST_LOOKS = 300;
  private static final long LONGEST_SLEEP_MS = 200;

  private final WatchedService candidate;
  private final WatchedService baseline;
  private final Supplier<RouterStatistics> router;
  private final double share;
  private final ComparedSides compared;
  private final List<RouterStatistics> readings = new ArrayList<>();
  private final List<Sample> fresh = new ArrayList<>();
  private String routerFailure;
  private int ticks;

  /**
   * @param baseline null for none
   * @param router null for none
   * @param share percentage of the users whom a flag gives the candidate, which counts where there
   *     is no router; 0 for none
   */
  HealthMeasurement(
      WatchedService candidate,
      WatchedService baseline,
      Supplier<RouterStatistics> router,
      double share,
      ComparedSides compared) {
    this.candidate = candidate;
    this.baseline = baseline;
    this.router = router;
    this.share = share;
    this.compared = compared;
  }

  /**
   * @param longest to which the window grows while the comparison is not decided
   */
  void run(
      Duration window,
      Duration longest,
      Duration interval,
      Consumer<List<Sample>> samples,
      Progress progress,
      Cancellation cancellation)
      throws Exception {
    long look =
        Math.max(
            Math.max(SHORTEST_LOOK.toNanos(), interval.toNanos()), window.toNanos() / MOST_LOOKS);
    ExecutorService observer =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "health-observer");
              thread.setDaemon(true);
              return thread;
            });
    try {
      observe();
      long start = System.nanoTime();
      long nextLook = start + look;
      Future<?> looking = null;
      for (long next = start; goesOn(next - start, window, longest); next += interval.toNanos()) {
        sleepUntil(next, cancellation);
        probe();
        if (next >= nextLook && (looking == null || looking.isDone())) {
          rethrow(looking);
          looking = observer.submit(this::observeUnchecked);
          nextLook = next + look;
        }
        samples.accept(takeSamples());
        progress.report(
            TimeUnit.NANOSECONDS.toMillis(next - start),
            window.toMillis(),
            "ms",
            "each endpoint was probed %d times".formatted(ticks));
      }
      sleepUntil(start + ticks * interval.toNanos(), cancellation);
      awaitProbes();
      if (looking != null) {
        looking.get();
      }
      observe();
      samples.accept(takeSamples());
    } finally {
      observer.shutdownNow();
    }
  }

  private boolean goesOn(long nanos, Duration window, Duration longest) {
    if (compared.isWorse()) {
      return false;
    }
    return nanos < window.toNanos() || nanos < longest.toNanos() && !compared.isDecided();
  }

  private static void rethrow(Future<?> done) throws Exception {
    if (done != null) {
      done.get();
    }
  }

  private void probe() {
    ticks++;
    candidate.probe();
    if (baseline != null) {
      baseline.probe();
    }
  }

  private void awaitProbes() {
    candidate.awaitProbes();
    if (baseline != null) {
      baseline.awaitProbes();
    }
  }

  private static void sleepUntil(long nanos, Cancellation cancellation)
      throws InterruptedException {
    while (true) {
      cancellation.throwIfCancelled();
      long left = TimeUnit.NANOSECONDS.toMillis(nanos - System.nanoTime());
      if (left <= 0) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(Math.min(left, LONGEST_SLEEP_MS));
    }
  }

  private Void observeUnchecked() throws IOException {
    observe();
    return null;
  }

  private void observe() throws IOException {
    RouterStatistics before = readings.isEmpty() ? null : readings.get(readings.size() - 1);
    RouterStatistics now = readRouter();
    candidate.observe();
    if (baseline != null) {
      baseline.observe();
    }
    if (router == null && share > 0) {
      now = countedByServices();
    }
    RouterStatistics between = null;
    try {
      between = before == null || now == null ? null : now.since(before);
    } catch (TargetException e) {
      routerFailure = e.getMessage();
    }
    ProbeSeries.Stretch ours = candidate.probes().takeNew();
    ProbeSeries.Stretch theirs = baseline == null ? null : baseline.probes().takeNew();
    if (theirs != null) {
      compared.add(candidateSide(between), ours, baselineSide(between), theirs);
    }
    Instant at = Instant.now();
    List<Sample> points = new ArrayList<>();
    points.addAll(HealthSamples.of(at, "candidate", candidate, ours, candidateSide(between)));
    if (baseline != null) {
      points.addAll(HealthSamples.of(at, "baseline", baseline, theirs, baselineSide(between)));
    }
    synchronized (fresh) {
      fresh.addAll(points);
    }
  }

  private RouterStatistics readRouter() {
    if (router == null) {
      return null;
    }
    try {
      RouterStatistics now = router.get();
      readings.add(now);
      compared.split(candidate.isSpread() ? ComparedSides.UNKNOWN_WEIGHT : now.weight());
      return now;
    } catch (TargetException e) {
      routerFailure = e.getMessage();
      return null;
    }
  }

  /** A flag splits users, who send more or fewer requests: the requests' split says nothing. */
  private RouterStatistics countedByServices() {
    RouterStatistics now =
        new RouterStatistics(
            baseline == null ? MetricsSeries.NOTHING : baseline.metrics().answered(),
            candidate.metrics().answered(),
            Map.of(),
            share);
    readings.add(now);
    compared.split(share < 100 ? ComparedSides.UNKNOWN_WEIGHT : share);
    return now;
  }

  private List<Sample> takeSamples() {
    synchronized (fresh) {
      List<Sample> taken = List.copyOf(fresh);
      fresh.clear();
      return taken;
    }
  }

  WatchedService candidate() {
    return candidate;
  }

  WatchedService baseline() {
    return baseline;
  }

  ComparedSides compared() {
    return compared;
  }

  /** How often the services were probed. */
  int ticks() {
    return ticks;
  }

  /** What the router sent to the candidate in the window; null when that is not known. */
  RouterStatistics.Side candidateRouted() {
    return candidateSide(routed());
  }

  /** What the router sent to the baseline in the window; null when that is not known. */
  RouterStatistics.Side baselineRouted() {
    return baselineSide(routed());
  }

  private RouterStatistics.Side candidateSide(RouterStatistics statistics) {
    return statistics == null ? null : candidate.routed(statistics, RouterStatistics::candidate);
  }

  private RouterStatistics.Side baselineSide(RouterStatistics statistics) {
    return statistics == null || baseline == null
        ? null
        : baseline.routed(statistics, RouterStatistics::baseline);
  }

  /** Whether the router was to send users to the candidate at any look. */
  boolean servesUsers() {
    return candidate.isSpread() || readings.stream().anyMatch(reading -> reading.weight() > 0);
  }

  /** Between any two looks it was checked that the counters did not go back. */
  private RouterStatistics routed() {
    return routerFailure != null || readings.size() < 2
        ? null
        : readings.get(readings.size() - 1).since(readings.get(0));
  }

  /** Why the router's figures are missing; null when they are there, or not asked for. */
  String routerMissing() {
    return routerFailure == null ? null : "router (%s)".formatted(routerFailure);
  }
}
