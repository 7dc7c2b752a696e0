package io.belay.capability.check.comparison;

/**
 * Evidence that an event is more frequent on the candidate than on the baseline, as an e-value that
 * may be looked at any time: if it is not more frequent, the value ever reaches 1/α with a
 * probability of at most α.
 *
 * <p>If both sides are alike, each side's share of the events in one stretch of time is its share
 * of the requests. The value is the mean, over several ratios above 1, of the likelihood ratio of
 * that binomial distribution against the one with equal rates. Stretches multiply, so neither a
 * changed weight nor a bad minute that hits both sides counts as a difference. Where events are
 * frequent the value errs on the safe side, because the true distribution is hypergeometric.
 */
final class RatioEvidence {

  /** Its exponential is finite, and as clear as any greater one. */
  private static final double GREATEST = 700;

  private static final double[] RATIOS = {1.5, 2.5, 5, 10, 25};

  /** The requests of both sides in a stretch of time; at least one on each. */
  static final class Exposure {

    private final double[] ours = new double[RATIOS.length];
    private final double[] theirs = new double[RATIOS.length];

    Exposure(double candidate, double baseline) {
      double all = candidate + baseline;
      for (int i = 0; i < RATIOS.length; i++) {
        theirs[i] = Math.log(all / (RATIOS[i] * candidate + baseline));
        ours[i] = Math.log(RATIOS[i]) + theirs[i];
      }
    }
  }

  private final double[] logLikelihoodRatio = new double[RATIOS.length];

  /** Adds the events in a stretch of time. */
  void add(Exposure exposure, double candidateEvents, double baselineEvents) {
    if (candidateEvents + baselineEvents <= 0) {
      return;
    }
    for (int i = 0; i < RATIOS.length; i++) {
      logLikelihoodRatio[i] +=
          candidateEvents * exposure.ours[i] + baselineEvents * exposure.theirs[i];
    }
  }

  double value() {
    return value(1);
  }

  /** The value after so many times the present requests, if both sides go on as they did. */
  double value(double times) {
    double sum = 0;
    for (double logarithm : logLikelihoodRatio) {
      sum += exponential(times * logarithm);
    }
    return sum / RATIOS.length;
  }

  static double exponential(double logarithm) {
    return Math.exp(Math.min(GREATEST, logarithm));
  }
}
