package io.belay.capability.check.comparison;

import io.belay.step.TargetName;
import io.belay.target.MayBeAbsent;

/**
 * What was fixed before the first look.
 *
 * @param baseline {@code none} when the candidate is measured by itself
 * @param number of this comparison in its run, from 1
 * @param alpha probability of a false alarm in the whole run, however many comparisons it has
 * @param weight share of the users' requests that the router was to send to the candidate, percent;
 *     -1 when there is no such share, as between instances of one service
 * @param noticeErrors rise of the error rate, in points, that must have been noticed by a PASS
 * @param noticeSlowdown factor of a slowdown that must have been noticed by a PASS
 * @param toleratedMs by which the candidate may be slower
 * @param toleratedSlowdown factor by which it may be slower; for each response the larger of both
 *     counts
 * @param ranked whether the ranks of the latencies count too
 */
public record Terms(
    String candidate,
    String baseline,
    int number,
    double alpha,
    double weight,
    double noticeErrors,
    double noticeSlowdown,
    double toleratedMs,
    @MayBeAbsent("an earlier version tolerated none") Double toleratedSlowdown,
    @MayBeAbsent("an earlier version compared at the limits alone") Boolean ranked) {

  /** By which a candidate may be slower in a gate: less is the way there, not the version. */
  public static final double TOLERATED_MS = 10;

  /** The latency of a candidate less what is tolerated. */
  public double less(double millis) {
    return Math.min(millis - toleratedMs, millis / slowdown());
  }

  /** What a candidate's response may take to stay below the limit. */
  double limitMs(int limit) {
    return Math.max(Ladder.limitMs(limit) + toleratedMs, Ladder.limitMs(limit) * slowdown());
  }

  private double slowdown() {
    return toleratedSlowdown == null ? 1 : toleratedSlowdown;
  }

  boolean hasRanks() {
    return ranked != null && ranked;
  }

  boolean hasBaseline() {
    return !baseline.equals(TargetName.NONE);
  }

  /** The part of alpha that this comparison may spend; over any number of them the sum is alpha. */
  double share() {
    return alpha / ((double) number * (number + 1));
  }

  double alarm() {
    return 1 / share();
  }
}
