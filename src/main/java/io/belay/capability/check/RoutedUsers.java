package io.belay.capability.check;

import io.belay.target.RouterStatistics;

/**
 * What the users of both sides got in the window, by the router's account.
 *
 * @param candidate null when that is not known
 * @param baseline null when that is not known, or there is none
 * @param earlier what the baseline's users got when it last had any
 */
record RoutedUsers(
    RouterStatistics.Side candidate, RouterStatistics.Side baseline, UserAnswers earlier) {

  /** Below this many requests nothing is said of them. */
  static final int FEWEST_REQUESTS = 10;

  /** Share of the baseline's requests of which on it is down. */
  private static final double DOWN = 0.9;

  long requests() {
    return candidate == null ? 0 : candidate.requests();
  }

  /** What a table that does not ask about the users' requests must not pass without; or null. */
  String tooFew() {
    return requests() >= FEWEST_REQUESTS
        ? null
        : "only %d request(s) of users reached the new version, %d are needed"
            .formatted(requests(), FEWEST_REQUESTS);
  }

  double excess4xx() {
    if (candidate == null) {
      return 0;
    }
    UserAnswers now = baseline == null ? UserAnswers.NONE : UserAnswers.of(baseline);
    return UserAnswers.of(candidate).excess4xx(now.requests() > 0 ? now : earlier);
  }

  /**
   * Why the baseline is down for its users; null when it is not, or nobody knows. A router may
   * count requests that are not answered yet, and one that fails nine of ten users is no place to
   * go back to.
   */
  String baselineFails(String name) {
    return baseline != null
            && baseline.requests() >= FEWEST_REQUESTS
            && baseline.status5xx() >= DOWN * baseline.requests()
        ? "%d of %d requests of users to the baseline '%s' failed at the router"
            .formatted(
                Math.min(baseline.status5xx(), baseline.requests()), baseline.requests(), name)
        : null;
  }
}
