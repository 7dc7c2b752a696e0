package io.belay.capability.check;

import io.belay.target.RouterStatistics;
import java.util.Optional;

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

  /**
   * Above the baseline's users', who are there at the same time; 0 while there are none. A few
   * clients do not count, whatever they ask for.
   */
  double excess4xx() {
    return candidate == null || !baselineHasUsers()
        ? 0
        : UserAnswers.ofOthers(candidate).excess4xx(UserAnswers.of(baseline));
  }

  private boolean baselineHasUsers() {
    return baseline != null && baseline.requests() > 0;
  }

  /**
   * Why a person has to look at the candidate's 4xx: they are more than before, while all users are
   * on one side; or more than the baseline's, but a few clients may be the reason, and there are no
   * others to ask. Null when there is nothing to look at.
   *
   * @param points rise of their share that matters
   */
  String doubtful4xx(double points) {
    if (requests() < FEWEST_REQUESTS) {
      return null;
    }
    boolean few = !UserAnswers.hasOthers(candidate);
    if (baselineHasUsers()) {
      double rise = 100 * UserAnswers.all(candidate).excess4xx(UserAnswers.all(baseline));
      return !few || rise < points || 100 * excess4xx() >= points
          ? null
          : doubt(
              rise,
              "the old version's",
              points,
              "%d clients alone may cause them, and too few others use the new version"
                  .formatted(UserAnswers.FEW_CLIENTS));
    }
    boolean told = !candidate.clients().answers().isEmpty() && !few;
    double rise = 100 * UserAnswers.of(candidate).excess4xx(before);
    return rise < points
        ? null
        : doubt(
            rise,
            before.requests() == 0 ? "none" : "what users got earlier in the run",
            points,
            "no user is on the old version to compare with"
                + (told ? "" : ", and one client alone may cause them"));
  }

  /** Which 4xx are left out of the judgement, if they are many. */
  Optional<String> leftOut4xx(double points) {
    if (requests() < FEWEST_REQUESTS || !UserAnswers.hasOthers(candidate)) {
      return Optional.empty();
    }
    UserAnswers than = baselineHasUsers() ? UserAnswers.all(baseline) : before;
    double rise = 100 * UserAnswers.all(candidate).excess4xx(than);
    long few = candidate.status4xx() - UserAnswers.ofOthers(candidate).status4xx();
    return rise < points || few == 0
        ? Optional.empty()
        : Optional.of(
            "%d of %d 4xx of users went to %d clients or fewer; they are left out of the judgement"
                .formatted(few, candidate.status4xx(), UserAnswers.FEW_CLIENTS));
  }

  private static String doubt(double rise, String above, double points, String why) {
    return "4xx are %.1f points of users' requests above %s, from %s on a person decides: %s"
        .formatted(rise, above, points, why);
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
