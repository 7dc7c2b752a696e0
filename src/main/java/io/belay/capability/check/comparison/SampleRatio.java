package io.belay.capability.check.comparison;

import org.apache.commons.statistics.inference.ChiSquareTest;

/**
 * Whether the users' requests came in the ratio that was asked for. A deviation counts when it is
 * beyond chance (p &lt; 0.001) and the smaller side's share is off by more than a third: a user who
 * stays on one side sends many requests.
 */
final class SampleRatio {

  private static final double CHANCE = 0.001;
  private static final double TOLERATED = 1 / 3.0;
  private static final double FEWEST_EXPECTED = 5;

  private SampleRatio() {}

  /**
   * @param weight asked for the candidate, percent, above 0 and below 100
   */
  static boolean isBroken(long candidate, long baseline, double weight) {
    double all = candidate + baseline;
    double[] expected = {all * weight / 100, all * (100 - weight) / 100};
    if (Math.min(expected[0], expected[1]) < FEWEST_EXPECTED) {
      return false;
    }
    int smaller = weight <= 50 ? 0 : 1;
    long[] observed = {candidate, baseline};
    return Math.abs(observed[smaller] / expected[smaller] - 1) > TOLERATED
        && ChiSquareTest.withDefaults().test(expected, observed).getPValue() < CHANCE;
  }
}
