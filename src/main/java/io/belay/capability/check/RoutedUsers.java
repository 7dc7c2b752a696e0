package io.belay.capability.check;

import io.belay.target.RouterStatistics;

/**
 * What the users of both sides got in the window, by the router's account.
 *
 * @param candidate null when that is not known
 * @param baseline null when that is not known, or there is none
 * @param before what users got earlier in the run, to compare with while the baseline has none
 */
record RoutedUsers(
    RouterStatistics.Side candidate, RouterStatistics.Side baseline, UserAnswers before) {

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

  /** Above the baseline's users', who are there at the same time; 0 while there are none. */
  double excess4xx() {
    return candidate == null || !baselineHasUsers()
        ? 0
        : UserAnswers.of(candidate).excess4xx(UserAnswers.of(baseline));
  }

  private boolean baselineHasUsers() {
    return baseline != null && baseline.requests() > 0;
  }

  /**
   * Why a person has to look at the candidate's 4xx: they are more than before, but while all users
   * are on one side, one client that asks for what was never there looks like a bad version. Null
   * when there is nothing to look at.
   *
   * @param points rise of their share that matters
   */
  String doubtful4xx(double points) {
    if (requests() < FEWEST_REQUESTS || baselineHasUsers()) {
      return null;
    }
    double rise = 100 * UserAnswers.of(candidate).excess4xx(before);
    return rise < points
        ? null
        : ("4xx are %.1f points of users' requests above %s, from %s on a person decides: no user is"
                + " on the old version to compare with, and one client alone may cause them")
            .formatted(
                rise,
                before.requests() == 0 ? "none" : "what users got earlier in the run",
                points);
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
