package io.belay.capability.check.comparison;

/**
 * Evidence that the candidate's responses rank among the slow ones more often than its share of the
 * requests explains, as an e-value that may be looked at at any time. It sees a slowdown of all
 * responses early, because each response counts, and not only those above one limit.
 *
 * <p>The value is the mean over several {@link #POWERS}: where a share s of the baseline's
 * responses takes longer, a share s^power of the candidate's does. That makes the latencies of a
 * rung r times as frequent on the candidate, and r never falls from rung to rung. Of n requests in
 * a stretch of time, a on the candidate and b on the baseline, a response of the candidate
 * multiplies the evidence by n r / (a r + b), one of the baseline by n / (a r + b). Weighted by a
 * and b the two add up to n on each rung. So by the inequality of the means the product is 1 or
 * less in the mean, whatever the latencies are, unless the candidate is slower. What the baseline's
 * latencies are is taken from earlier stretches only; the first one is not judged.
 */
final class RankEvidence {

  private static final double[] POWERS = {0.8, 0.5};

  /** Responses that are taken as seen beforehand, the same part of them on each rung. */
  private static final double BEFOREHAND = 1;

  private final double[] logs = new double[POWERS.length];
  private final double[] earlier = new double[Ladder.LIMITS + 1];
  private boolean begun;
  private double all;
  private double skipped;

  void add(Counts candidate, Counts baseline) {
    double[] theirs = baseline.byRung();
    all += candidate.timed();
    if (begun) {
      add(new Shares(earlier), candidate.byRung(), theirs, 1);
    } else {
      skipped = candidate.timed();
    }
    begun = true;
    for (int rung = 0; rung < theirs.length; rung++) {
      earlier[rung] += theirs[rung];
    }
  }

  /**
   * The value to be expected of such a stretch, if it is judged in many small ones.
   *
   * @param judged share of it that is judged
   */
  static double expected(double[] candidate, double[] baseline, double judged) {
    RankEvidence evidence = new RankEvidence();
    evidence.add(new Shares(baseline), candidate, baseline, judged);
    return evidence.value(1);
  }

  /** The share of the candidate's responses that was not judged. */
  double skippedShare() {
    return all == 0 ? 0 : skipped / all;
  }

  /** The value after so many times the present requests, if both sides go on as they did. */
  double value(double times) {
    double sum = 0;
    for (double logarithm : logs) {
      sum += RatioEvidence.exponential(times * logarithm);
    }
    return sum / POWERS.length;
  }

  private void add(Shares shares, double[] candidate, double[] baseline, double times) {
    double ours = sum(candidate);
    double theirs = sum(baseline);
    for (int i = 0; i < POWERS.length; i++) {
      for (int rung = 0; rung < candidate.length; rung++) {
        if (candidate[rung] > 0 || baseline[rung] > 0) {
          double ratio = shares.ratio(rung, POWERS[i]);
          double both = Math.log((ours + theirs) / (ours * ratio + theirs));
          logs[i] += times * (candidate[rung] * (Math.log(ratio) + both) + baseline[rung] * both);
        }
      }
    }
  }

  private static double sum(double[] counts) {
    double sum = 0;
    for (double count : counts) {
      sum += count;
    }
    return sum;
  }

  /** How the baseline's latencies are spread over the rungs. */
  private static final class Shares {

    private final double[] of = new double[Ladder.LIMITS + 1];
    private final double[] from = new double[Ladder.LIMITS + 2];

    Shares(double[] counts) {
      double all = sum(counts) + BEFOREHAND;
      for (int rung = Ladder.LIMITS; rung >= 0; rung--) {
        of[rung] = (counts[rung] + BEFOREHAND / counts.length) / all;
        from[rung] = from[rung + 1] + of[rung];
      }
    }

    double ratio(int rung, double power) {
      return (Math.pow(from[rung], power) - Math.pow(from[rung + 1], power)) / of[rung];
    }
  }
}
