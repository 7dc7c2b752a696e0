package io.belay.rollout;

import io.belay.target.TargetException;

/**
 * The weight of each single server, so that the candidate's servers together get the wanted share.
 *
 * @param baseline weight of each server of the baseline, 0 to 256
 * @param candidate weight of each server of the candidate, 0 to 256
 */
record SideWeights(int baseline, int candidate) {

  private static final int LARGEST = 256;

  /**
   * @throws TargetException when HAProxy's weights cannot express the share to one percent
   */
  static SideWeights of(int percent, int baselines, int candidates) {
    if (percent == 0) {
      return new SideWeights(100, 0);
    }
    if (percent == 100) {
      return new SideWeights(0, 100);
    }
    double baseline = (100.0 - percent) * candidates;
    double candidate = (double) percent * baselines;
    double scale = Math.min(1, LARGEST / Math.max(baseline, candidate));
    SideWeights weights =
        new SideWeights(
            (int) Math.max(1, Math.round(baseline * scale)),
            (int) Math.max(1, Math.round(candidate * scale)));
    double share =
        100.0
            * weights.candidate
            * candidates
            / (weights.candidate * candidates + weights.baseline * baselines);
    if (Math.abs(share - percent) > 0.5) {
      throw new TargetException(
          "%d %% cannot be split between %d and %d servers with HAProxy's weights (nearest: %.1f %%); nothing was changed"
              .formatted(percent, baselines, candidates, share));
    }
    return weights;
  }
}
