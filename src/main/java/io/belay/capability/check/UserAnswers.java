package io.belay.capability.check;

import io.belay.target.RouterStatistics;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.FisherExactTest;

/** How many of the users' requests to a service were answered with 4xx. */
record UserAnswers(long requests, long status4xx) {

  static final UserAnswers NONE = new UserAnswers(0, 0);

  /** Above this a difference may be chance. */
  private static final double CHANCE = 0.001;

  static UserAnswers of(RouterStatistics.Side side) {
    return new UserAnswers(side.requests(), Math.min(side.status4xx(), side.requests()));
  }

  /** The ones with the higher share of 4xx. */
  UserAnswers worse(UserAnswers other) {
    return requests == 0 || other.share() > share() ? other : this;
  }

  private double share() {
    return requests == 0 ? 0 : (double) status4xx / requests;
  }

  /**
   * By how much the share of 4xx is above the other's; 0 when that may be chance (Fisher's exact
   * test, one-sided). Against nothing, the share itself.
   */
  double excess4xx(UserAnswers other) {
    if (other.requests == 0) {
      return share();
    }
    if (share() <= other.share()) {
      return 0;
    }
    double chance =
        FisherExactTest.withDefaults()
            .with(AlternativeHypothesis.GREATER_THAN)
            .test(new int[][] {row(this), row(other)})
            .getPValue();
    return chance < CHANCE ? share() - other.share() : 0;
  }

  private static int[] row(UserAnswers answers) {
    // The test wants integers; far below their end a share of the counts tells the same.
    double scale = Math.min(1, 1e6 / Math.max(1, answers.requests));
    int some = (int) (answers.status4xx * scale);
    return new int[] {some, (int) (answers.requests * scale) - some};
  }
}
