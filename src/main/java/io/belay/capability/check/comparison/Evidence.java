package io.belay.capability.check.comparison;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * All evidence that the candidate is worse: one e-value for errors and latency together, a weighted
 * mean of theirs. That of latency is the mean over the limits of the {@link Ladder}: many limits
 * need no correction.
 */
final class Evidence {

  static final double WEIGHT_OF_ERRORS = 0.85;

  private final RatioEvidence errors = new RatioEvidence();
  private final List<RatioEvidence> slower =
      Stream.generate(RatioEvidence::new).limit(Ladder.LIMITS).toList();

  static Evidence of(List<Look> looks) {
    Evidence evidence = new Evidence();
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

  double errors() {
    return errors.value();
  }

  double latency() {
    return latency(1);
  }

  private double latency(double times) {
    double sum = 0;
    for (RatioEvidence limit : slower) {
      sum += limit.value(times);
    }
    return sum / Ladder.LIMITS;
  }

  /** The limit at which the latencies differ most clearly. */
  int clearestLimit() {
    return IntStream.range(0, Ladder.LIMITS)
        .reduce(
            0, (one, other) -> slower.get(other).value() > slower.get(one).value() ? other : one);
  }
}
