package io.belay.capability.check;

import io.belay.capability.check.comparison.Comparison;
import io.belay.capability.check.comparison.Counts;
import io.belay.capability.check.comparison.Judged;
import io.belay.capability.check.comparison.Judgement;
import io.belay.capability.check.comparison.Judgement.Outcome;
import io.belay.capability.check.comparison.Look;
import io.belay.capability.check.comparison.Terms;
import io.belay.target.RouterStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleFunction;
import java.util.function.DoubleUnaryOperator;

/**
 * Collects what the users got from candidate and baseline, look by look, and compares it. Latencies
 * are the users' where the router keeps them, else those of the probes.
 */
final class ComparedSides {

  /** Of instances of one service the router keeps no common weight. */
  static final int UNKNOWN_WEIGHT = -1;

  private final DoubleFunction<Terms> terms;
  private final List<Look> looks = new ArrayList<>();
  private final long start = System.nanoTime();
  private Terms fixed;
  private Judged judged;

  /**
   * @param terms by the weight that the router says
   */
  ComparedSides(DoubleFunction<Terms> terms) {
    this.terms = terms;
  }

  /** The split at the first look is the one that is compared. */
  synchronized void split(double weight) {
    if (fixed == null) {
      fixed = terms.apply(weight);
    }
  }

  /**
   * @param ours what the router counted since the last look; null when that is not known
   */
  synchronized void add(
      RouterStatistics.Side ours,
      ProbeSeries.Stretch ourProbes,
      RouterStatistics.Side theirs,
      ProbeSeries.Stretch theirProbes) {
    if (ours == null || theirs == null) {
      return;
    }
    boolean routerTells = !ours.latencyMs().isEmpty() || !theirs.latencyMs().isEmpty();
    looks.add(
        new Look(
            counts(ours, routerTells ? ours.latencyMs() : latencies(ourProbes), fixed::less),
            counts(
                theirs,
                routerTells ? theirs.latencyMs() : latencies(theirProbes),
                millis -> millis)));
    judged = null;
  }

  private static Counts counts(
      RouterStatistics.Side side, Map<Double, Long> latencies, DoubleUnaryOperator tolerate) {
    Map<Double, Long> counted = new TreeMap<>();
    latencies.forEach(
        (millis, count) -> counted.merge(tolerate.applyAsDouble(millis), count, Long::sum));
    return Counts.of(side.requests(), side.status5xx(), counted);
  }

  private static Map<Double, Long> latencies(ProbeSeries.Stretch probes) {
    Map<Double, Long> counted = new TreeMap<>();
    for (double millis : probes.latencies()) {
      counted.merge(millis, 1L, Long::sum);
    }
    return counted;
  }

  synchronized boolean isWorse() {
    return judgement().outcome() == Outcome.WORSE;
  }

  synchronized boolean isDecided() {
    return judgement().outcome() != Outcome.UNDECIDED;
  }

  Judgement judgement() {
    return judged().judgement();
  }

  /** As of the last look; not compared when no router tells what users got. */
  synchronized Judged judged() {
    if (judged == null) {
      double seconds = (System.nanoTime() - start) / 1e9;
      judged = Judged.of(new Comparison(fixed == null ? terms.apply(0) : fixed, seconds, looks));
    }
    return judged;
  }
}
