package io.belay.capability.check.comparison;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * All evidence that the candidate is worse: one e-value for errors and latency together, a weighted
 * mean of theirs. That of latency is half that of the {@link RankEvidence ranks}, half the mean
 * over the limits of the {@link Ladder}: many limits need no correction.
 */
final class Evidence {

  private static final double WEIGHT_OF_ERRORS = 0.85;
  private static final double WEIGHT_OF_RANKS = 0.5;

  private final boolean ranked;
  private final RankEvidence ranks = new RankEvidence();
  private final RatioEvidence errors = new RatioEvidence();
  private final List<RatioEvidence> slower =
      Stream.generate(RatioEvidence::new).limit(Ladder.LIMITS).toList();

  /**
   * @param ranked whether the ranks of the latencies count too
   */
  Evidence(boolean ranked) {
    this.ranked = ranked;
  }

  static Evidence of(boolean ranked, List<Look> looks) {
    Evidence evidence = new Evidence(ranked);
    looks.forEach(evidence::add);
    return evidence;
  }

  void add(Look look) {
    Counts ours = look.candidate();
    Counts theirs = look.baseline();
    if (ours.requests() > 0 && theirs.requests() > 0) {
      errors.add(
          new RatioEvidence.Exposure(ours.requests(), theirs.requests()),
          ours.errors(),
          theirs.errors());
    }
    if (ours.timed() > 0 && theirs.timed() > 0) {
      ranks.add(ours, theirs);
      RatioEvidence.Exposure exposure = new RatioEvidence.Exposure(ours.timed(), theirs.timed());
      long[] oursSlower = ours.slower();
      long[] theirsSlower = theirs.slower();
      for (int limit = 0; limit < Ladder.LIMITS; limit++) {
        slower.get(limit).add(exposure, oursSlower[limit], theirsSlower[limit]);
      }
    }
  }

  double value() {
    return value(1);
  }

  /** The value after so many times the present requests, if both sides go on as they did. */
  double value(double times) {
    return weighted(errors.value(times), latency(times));
  }

  static double weighted(double errors, double latency) {
    return WEIGHT_OF_ERRORS * errors + (1 - WEIGHT_OF_ERRORS) * latency;
  }

  /** Whether it comes from the errors rather than from the latencies. */
  boolean byErrors() {
    return weighted(errors.value(), 0) >= weighted(0, latency(1));
  }

  private double latency(double times) {
    double sum = 0;
    for (RatioEvidence limit : slower) {
      sum += limit.value(times);
    }
    return ofLatency(ranked, ranks.value(times), sum / Ladder.LIMITS);
  }

  static double ofLatency(boolean ranked, double ranks, double limits) {
    return ranked ? WEIGHT_OF_RANKS * ranks + (1 - WEIGHT_OF_RANKS) * limits : limits;
  }

  RankEvidence ranks() {
    return ranks;
  }

  /** The limit at which the latencies differ most clearly. */
  int clearestLimit() {
    return IntStream.range(0, Ladder.LIMITS)
        .reduce(
            0, (one, other) -> slower.get(other).value() > slower.get(one).value() ? other : one);
  }
}
