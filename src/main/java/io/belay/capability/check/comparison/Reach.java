package io.belay.capability.check.comparison;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * What would have been noticed by now: takes a difference on top of what the baseline showed, and
 * asks whether the counts that are then to be expected would have raised the alarm.
 */
final class Reach {

  /** A slowdown by less is no slowdown to anybody. */
  static final double LEAST_SLOWDOWN_MS = 20;

  private static final double MOST_TIMES = 1e6;
  private static final int HALVINGS = 60;

  private final Counts candidate;
  private final Counts baseline;
  private final long[] baselineSlower;
  private final Terms terms;
  private final double alarm;
  private final double skippedShare;

  /**
   * @param sum of all looks
   * @param skippedShare of the latencies whose ranks were not judged
   */
  Reach(Terms terms, Look sum, double skippedShare) {
    this.candidate = sum.candidate();
    this.baseline = sum.baseline();
    this.baselineSlower = baseline.slower();
    this.terms = terms;
    this.alarm = terms.alarm();
    this.skippedShare = skippedShare;
  }

  /** The least rise of the error rate, as a share; NaN when none would have been noticed. */
  double errors() {
    return least(1, rise -> errors(rise, 1));
  }

  /** The least factor of a slowdown; NaN when none below 100 would have been noticed. */
  double slowdown() {
    return 1 + least(99, factor -> latency(1 + factor, 1));
  }

  /** How many times the present requests it takes to notice such a rise; NaN when never. */
  double timesForErrors(double rise) {
    return least(MOST_TIMES, times -> errors(rise, times));
  }

  /** How many times the present requests it takes to notice such a slowdown; NaN when never. */
  double timesForSlowdown(double factor) {
    return least(MOST_TIMES, times -> latency(factor, times));
  }

  /** How many times the present requests raise the alarm if both sides go on as they did. */
  double timesForAlarm(Evidence evidence) {
    return least(MOST_TIMES, evidence::value);
  }

  private double errors(double rise, double times) {
    if (candidate.requests() == 0 || baseline.requests() == 0) {
      return 0;
    }
    double requests = times * candidate.requests();
    RatioEvidence evidence = new RatioEvidence();
    evidence.add(
        new RatioEvidence.Exposure(requests, times * baseline.requests()),
        requests * Math.min(1, baseline.errorRate() + rise),
        times * baseline.errors());
    return Evidence.weighted(evidence.value(), 0);
  }

  private double latency(double factor, double times) {
    if (candidate.timed() == 0 || baseline.timed() == 0) {
      return 0;
    }
    double timed = times * candidate.timed();
    RatioEvidence.Exposure exposure = new RatioEvidence.Exposure(timed, times * baseline.timed());
    double sum = 0;
    double[] slowed = new double[Ladder.LIMITS + 1];
    double faster = timed;
    for (int limit = 0; limit < Ladder.LIMITS; limit++) {
      double bound = terms.limitMs(limit);
      double slower =
          timed * Ladder.slowerShare(baseline, Math.min(bound / factor, bound - LEAST_SLOWDOWN_MS));
      RatioEvidence evidence = new RatioEvidence();
      evidence.add(exposure, slower, times * baselineSlower[limit]);
      sum += evidence.value();
      slowed[limit] = faster - slower;
      faster = slower;
    }
    slowed[Ladder.LIMITS] = faster;
    double ranks =
        RankEvidence.expected(
            Arrays.stream(slowed).map(count -> count / times).toArray(),
            baseline.byRung(),
            Math.max(0, times - skippedShare));
    return Evidence.weighted(0, Evidence.ofLatency(terms.hasRanks(), ranks, sum / Ladder.LIMITS));
  }

  /** The least argument, from 0 on, with which the growing evidence raises the alarm. */
  private double least(double most, DoubleUnaryOperator evidence) {
    if (!(evidence.applyAsDouble(most) >= alarm)) {
      return Double.NaN;
    }
    double low = 0;
    double high = most;
    for (int i = 0; i < HALVINGS && high - low > 1e-6 * high; i++) {
      double middle = (low + high) / 2;
      if (evidence.applyAsDouble(middle) >= alarm) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }
}
