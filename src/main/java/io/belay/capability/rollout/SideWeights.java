package io.belay.capability.rollout;

import io.belay.step.BusinessStop;
import io.belay.target.Weight;

/**
 * The weight of each server with which the candidate's servers together get the wanted share: to
 * half a percent for a whole percentage, else to the step of 0.01.
 *
 * @param baseline weight of each server of the baseline, 0 to 256
 * @param candidate weight of each server of the candidate, 0 to 256
 */
record SideWeights(int baseline, int candidate) {

  private static final int LARGEST = 256;
  private static final double HALF_A_PERCENT = 0.5;
  private static final double HALF_A_STEP = 0.005;

  /**
   * @throws BusinessStop when HAProxy's weights cannot express the share
   */
  static SideWeights of(Weight wanted, int baselines, int candidates) {
    SideWeights weights = nearest(wanted, baselines, candidates);
    double share = weights.percent(baselines, candidates);
    if (Math.abs(share - wanted.percent()) > (isWhole(wanted) ? HALF_A_PERCENT : HALF_A_STEP)) {
      throw new BusinessStop(
          "%s %% cannot be split between %d and %d servers with HAProxy's weights (nearest: %.2f %%); nothing was changed"
              .formatted(wanted, baselines, candidates, share));
    }
    return weights;
  }

  /**
   * The share that server weights mean, to the step of 0.01. Weights that {@link #of} would choose
   * for a whole percentage mean that percentage if within half a step of it. Only a share of
   * nothing is 0, and only a share of all is 100.
   *
   * @param candidate sum of the candidate's weights
   * @param all sum of all weights
   */
  static Weight share(int candidate, int all, int baselines, int candidates) {
    double percent = all == 0 ? 0 : 100.0 * candidate / all;
    Weight whole = Weight.of((int) Math.round(percent));
    if (Math.abs(whole.percent() - percent) <= HALF_A_STEP
        && nearest(whole, baselines, candidates).percent(baselines, candidates) == percent) {
      return whole;
    }
    return new Weight((int) Math.max(1, Math.min(Math.round(100 * percent), 99_99)));
  }

  private static boolean isWhole(Weight weight) {
    return weight.hundredths() % 100 == 0;
  }

  private double percent(int baselines, int candidates) {
    return 100.0 * (candidate * candidates) / (candidate * candidates + baseline * baselines);
  }

  private static SideWeights nearest(Weight wanted, int baselines, int candidates) {
    if (wanted.equals(Weight.NONE)) {
      return new SideWeights(100, 0);
    }
    if (wanted.equals(Weight.ALL)) {
      return new SideWeights(0, 100);
    }
    double baseline = (100 - wanted.percent()) * candidates;
    double candidate = wanted.percent() * baselines;
    if (isWhole(wanted)) {
      double scale = Math.min(1, LARGEST / Math.max(baseline, candidate));
      return new SideWeights(rounded(baseline * scale), rounded(candidate * scale));
    }
    SideWeights best = null;
    double off = Double.MAX_VALUE;
    for (int larger = 1; larger <= LARGEST; larger++) {
      double scale = larger / Math.max(baseline, candidate);
      SideWeights weights = new SideWeights(rounded(baseline * scale), rounded(candidate * scale));
      double now = Math.abs(weights.percent(baselines, candidates) - wanted.percent());
      if (now < off) {
        best = weights;
        off = now;
      }
    }
    return best;
  }

  private static int rounded(double weight) {
    return (int) Math.max(1, Math.round(weight));
  }
}
