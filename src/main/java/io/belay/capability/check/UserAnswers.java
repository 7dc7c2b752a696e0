package io.belay.capability.check;

import io.belay.target.ClientGroups;
import io.belay.target.RouterStatistics;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.FisherExactTest;

/** How many of the users' requests to a service were answered with 4xx. */
record UserAnswers(long requests, long status4xx) {

  static final UserAnswers NONE = new UserAnswers(0, 0);

  /** Above this a difference may be chance. */
  private static final double CHANCE = 0.001;

  /** So few clients may misuse a service; more of them have found a fault of it. */
  static final int FEW_CLIENTS = 3;

  /** Below this many other clients it is unknown what they would have got. */
  static final int FEWEST_OTHERS = 10;

  static UserAnswers all(RouterStatistics.Side side) {
    return new UserAnswers(side.requests(), Math.min(side.status4xx(), side.requests()));
  }

  /** Without the {@link #FEW_CLIENTS} that got most 4xx, if the router tells clients apart. */
  static UserAnswers ofOthers(RouterStatistics.Side side) {
    List<ClientGroups.Answers> few = few(side);
    long requests = side.requests() - sum(few, ClientGroups.Answers::requests);
    long status4xx = side.status4xx() - sum(few, ClientGroups.Answers::status4xx);
    return new UserAnswers(Math.max(0, requests), Math.max(0, Math.min(status4xx, requests)));
  }

  /** Without a few clients' if enough others are left, else all. */
  static UserAnswers of(RouterStatistics.Side side) {
    return hasOthers(side) ? ofOthers(side) : all(side);
  }

  /** Whether there are enough others beside the few clients that got most 4xx. */
  static boolean hasOthers(RouterStatistics.Side side) {
    Collection<ClientGroups.Answers> groups = side.clients().answers().values();
    // Requests of nobody known are spread over both sides, as if each had a client of its own.
    long ofNobody = side.requests() - sum(groups, ClientGroups.Answers::requests);
    return groups.size() - few(side).size() + Math.max(0, ofNobody) >= FEWEST_OTHERS;
  }

  private static List<ClientGroups.Answers> few(RouterStatistics.Side side) {
    return side.clients().answers().values().stream()
        .filter(group -> group.status4xx() > 0)
        .sorted(Comparator.comparingLong(ClientGroups.Answers::status4xx).reversed())
        .limit(FEW_CLIENTS)
        .toList();
  }

  private static long sum(
      Collection<ClientGroups.Answers> groups, ToLongFunction<ClientGroups.Answers> count) {
    return groups.stream().mapToLong(count).sum();
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
