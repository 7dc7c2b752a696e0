package io.belay.capability.check.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.belay.capability.check.comparison.Judgement.Outcome;
import io.belay.capability.check.comparison.SimulatedTraffic.World;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a comparison promises, over many simulated runs that are looked at every second. */
class ComparisonTest {

  private static Terms terms(int weight) {
    return new Terms("v2", "v1", 1, 0.01, weight, 1, 1.25, 0, 1.0, true);
  }

  private static Terms tolerating(double ms, double factor) {
    return new Terms("v2", "v1", 1, 0.01, 50, 5, 2, ms, factor, true);
  }

  /** The requests on the candidate when the alarm came; infinite when it never did. */
  private static double alarm(World world, Terms terms, long seed, int seconds) {
    SimulatedTraffic traffic = new SimulatedTraffic(world, terms, seed);
    Evidence evidence = new Evidence(terms.hasRanks());
    long requests = 0;
    for (int second = 0; second < seconds; second++) {
      Look look = traffic.second();
      requests += look.candidate().requests();
      evidence.add(look);
      if (evidence.value() >= terms.alarm()) {
        return requests;
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  private static double median(World world, double toleratedMs, int runs, int seconds) {
    Terms terms = tolerating(toleratedMs, 1);
    double[] requests =
        IntStream.range(0, runs)
            .mapToDouble(run -> alarm(world, terms, run, seconds))
            .sorted()
            .toArray();
    return requests[runs / 2];
  }

  @ParameterizedTest
  @CsvSource({"0.1, 0.001, 5000", "0.5, 0.02, 5000"})
  void alikeSides_areNeverCalledWorse_inMoreThanOnePercentOfTheRuns(
      double share, double errors, int runs) {
    World alike = new World(40, share, errors, errors, 100, 1, 0);
    assertThat(alarms(alike, tolerating(0, 1), runs)).isLessThanOrEqualTo(0.01);
  }

  private static double alarms(World world, Terms terms, int runs) {
    return (double)
            IntStream.range(0, runs).filter(run -> alarm(world, terms, run, 40) < 1e9).count()
        / runs;
  }

  /** 5 % slower is tolerated, and is in no more than 1 % of the runs called worse. */
  @Test
  void whatIsTolerated_isNotCalledWorse_andMoreIs() {
    World slower = SimulatedTraffic.alike(0.5).slower(1.05);
    assertThat(alarms(slower, tolerating(0, 1.05), 1000)).isLessThanOrEqualTo(0.01);
    World muchSlower = new World(400, 0.5, 0, 0, 100, 1.15, 0);
    assertThat(alarms(muchSlower, tolerating(0, 1.05), 50)).isGreaterThan(0.5);
    assertThat(alarms(muchSlower, tolerating(0, 1.2), 200)).isLessThanOrEqualTo(0.01);
  }

  /** Not both: 8 % of 200 ms are more than 10 ms and more than 5 %, but not than their sum. */
  @Test
  void theLargerToleranceCounts() {
    Terms terms = tolerating(10, 1.05);
    assertThat(terms.less(100)).isEqualTo(90);
    assertThat(terms.less(420)).isEqualTo(400);
    assertThat(terms.less(216)).isGreaterThan(200);
    for (int limit = 0; limit < Ladder.LIMITS; limit++) {
      assertThat(terms.less(terms.limitMs(limit))).isCloseTo(Ladder.limitMs(limit), within(1e-9));
    }
  }

  @Test
  void latenciesOfProbes_areNamedAsMissing_notRequests() {
    World world = SimulatedTraffic.alike(0.5).failing(0).probed(2);
    Terms terms = new Terms("v2", "v1", 1, 0.01, 50, 100, 1.5, 10, 1.0, true);
    SimulatedTraffic traffic = new SimulatedTraffic(world, terms, 1);
    List<Look> looks = IntStream.range(0, 20).mapToObj(second -> traffic.second()).toList();
    Judgement judgement = new Comparison(terms, 20, looks).judge();
    assertThat(judgement.missingRequests()).isZero();
    assertThat(judgement.reason())
        .startsWith("too few latencies to notice responses 1.5 times as slow: 0 % of 516 ")
        .contains("40 and 40 latencies measured; " + judgement.missingLatencies() + " more")
        .doesNotContain("more requests");
  }

  @ParameterizedTest
  @CsvSource({"0.1, 600", "0.5, 1500"})
  void aRiseOfTheErrorsFromOneInAThousandToOneInAHundred_isFound(double share, double within) {
    assertThat(median(SimulatedTraffic.alike(share).failing(0.01), Terms.TOLERATED_MS, 300, 600))
        .isLessThanOrEqualTo(within);
  }

  @ParameterizedTest
  @CsvSource({"0.1, 1.5, 50", "0.5, 1.5, 130", "0.1, 1.25, 160", "0.5, 1.25, 300"})
  void aSlowdown_isFound(double share, double factor, double within) {
    assertThat(median(SimulatedTraffic.alike(share).slower(factor), 0, 200, 300))
        .isLessThanOrEqualTo(within);
  }

  /** As gates compare, of responses that take 100 ms; what docs/gates.md says. */
  @ParameterizedTest
  @CsvSource({"0.1, 1.5, 70", "0.5, 1.5, 170", "0.1, 1.25, 300", "0.5, 1.25, 600"})
  void aSlowdownBeyondWhatGatesTolerate_isFound(double share, double factor, double within) {
    assertThat(median(SimulatedTraffic.alike(share).slower(factor), Terms.TOLERATED_MS, 200, 300))
        .isLessThanOrEqualTo(within);
  }

  @Test
  void theDeclaredDifference_passesInFewRuns() {
    int passed = 0;
    for (int run = 0; run < 60; run++) {
      World worse = SimulatedTraffic.alike(0.5).failing(0.011);
      passed += firstDecision(worse, terms(50), run, 400).outcome() == Outcome.NO_WORSE ? 1 : 0;
    }
    assertThat(passed).isLessThanOrEqualTo(12);
  }

  /** Judges every five seconds until it is decided. */
  private static Judgement firstDecision(World world, Terms terms, long seed, int seconds) {
    SimulatedTraffic traffic = new SimulatedTraffic(world, terms, seed);
    List<Look> looks = new ArrayList<>();
    Judgement judgement = null;
    for (int second = 1; second <= seconds; second++) {
      looks.add(traffic.second());
      if (second % 5 == 0) {
        judgement = new Comparison(terms, second, looks).judge();
        if (judgement.outcome() != Outcome.UNDECIDED) {
          return judgement;
        }
      }
    }
    return judgement;
  }

  /**
   * Medians over runs, for a candidate that is as good and for one whose errors are so many times
   * those of the baseline.
   */
  @ParameterizedTest
  @CsvSource({
    "ERRORS, 10, 10, 0.001, 1",
    "ERRORS, 50, 30, 0.001, 1",
    "LATENCY, 10, 10, 0.001, 1",
    "LATENCY, 50, 10, 0.001, 1",
    "PROBES, 50, 30, 0.001, 1",
    "PROBES, 10, 30, 0.001, 1",
    "ERRORS, 50, 20, 0.001, 10",
    "ERRORS, 10, 10, 0.01, 3",
    "ERRORS, 50, 5, 0.01, 3",
  })
  void whatAnInconclusiveSaysIsMissing_isRightWithinAFactorOfTwo(
      Limit limit, int weight, int seconds, double errors, double times) {
    World world =
        new World(
            50, weight / 100.0, errors, errors * times, 100, 1, limit == Limit.PROBES ? 4 : 0);
    double[] ratios =
        IntStream.range(0, 31)
            .mapToDouble(run -> neededToSaid(limit, world, weight, run, seconds))
            .filter(Double::isFinite)
            .sorted()
            .toArray();
    assertThat(ratios).hasSizeGreaterThan(20);
    assertThat(ratios[ratios.length / 2]).as(Arrays.toString(ratios)).isBetween(0.5, 2.0);
  }

  /** What keeps an early look from passing. */
  enum Limit {
    ERRORS,
    LATENCY,
    PROBES;

    Terms terms(int weight) {
      return new Terms(
          "v2",
          "v1",
          1,
          0.01,
          weight,
          this == ERRORS ? 1 : 20,
          this == ERRORS ? 5 : 1.25,
          5,
          1.0,
          true);
    }

    long missing(Judgement judgement) {
      return this == ERRORS ? judgement.missingRequests() : judgement.missingLatencies();
    }

    String said(Judgement judgement) {
      String what = this == ERRORS ? " more requests on v2" : " more measured latencies of v2";
      return missing(judgement) + what;
    }

    long count(List<Look> looks) {
      return looks.stream()
          .map(Look::candidate)
          .mapToLong(side -> this == ERRORS ? side.requests() : side.timed())
          .sum();
    }
  }

  /** Requests until the decision, by those that were said to be missing; NaN if none were. */
  private static double neededToSaid(Limit limit, World world, int weight, long seed, int seconds) {
    Terms terms = limit.terms(weight);
    SimulatedTraffic traffic = new SimulatedTraffic(world, terms, seed);
    List<Look> looks = new ArrayList<>();
    IntStream.range(0, seconds).forEach(second -> looks.add(traffic.second()));
    Judgement early = new Comparison(terms, seconds, looks).judge();
    if (early.outcome() != Outcome.UNDECIDED || limit.missing(early) == 0) {
      return Double.NaN;
    }
    long before = limit.count(looks);
    assertThat(early.reason()).contains(limit.said(early));
    assertThat(early.missingSeconds())
        .isCloseTo(Math.round(limit.missing(early) * seconds / (double) before), within(2L));
    while (new Comparison(terms, looks.size(), looks).judge().outcome() == Outcome.UNDECIDED) {
      IntStream.rangeClosed(0, looks.size() / 15).forEach(second -> looks.add(traffic.second()));
    }
    return (limit.count(looks) - before) / (double) limit.missing(early);
  }

  @Test
  void withoutData_nothingPasses() {
    for (int weight : new int[] {1, 10, 50, 99}) {
      assertThat(new Comparison(terms(weight), 60, List.of()).judge().outcome())
          .isEqualTo(Outcome.UNDECIDED);
      Counts some = new Counts(1000, 0, Map.of(0, 1000L));
      assertThat(
              new Comparison(terms(weight), 60, List.of(new Look(Counts.NONE, some)))
                  .judge()
                  .outcome())
          .isEqualTo(Outcome.UNDECIDED);
    }
    Counts untimed = new Counts(100_000, 0, Map.of());
    assertThat(new Comparison(terms(50), 60, List.of(new Look(untimed, untimed))).judge().outcome())
        .as("no latency is known")
        .isEqualTo(Outcome.UNDECIDED);
  }

  @Test
  void aliveAndAlike_passes_andSaysWhatWouldHaveBeenNoticed() {
    Judgement judgement = firstDecision(SimulatedTraffic.alike(0.5), terms(50), 7, 600);
    assertThat(judgement.outcome()).isEqualTo(Outcome.NO_WORSE);
    assertThat(judgement.reason())
        .contains("v2 is no worse than v1", "20 ms slower, would have been noticed");
  }

  @Test
  void aBrokenSplit_isInconclusive() {
    Look look = new Look(fine(620), fine(9380));
    Judgement judgement = new Comparison(terms(10), 60, List.of(look)).judge();
    assertThat(judgement.outcome()).isEqualTo(Outcome.UNDECIDED);
    assertThat(judgement.reason())
        .isEqualTo(
            "the split is broken: 10 % was asked for v2, 6.2 % came (620 of 10000 requests)");
  }

  @Test
  void aBaselineThatDiffersFromItself_provesNothing() {
    List<Look> looks = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      long errors = i % 2 == 0 ? 20 : 0;
      looks.add(new Look(fine(10), new Counts(90, errors, Map.of(3, 90L))));
    }
    Judgement judgement = new Comparison(terms(10), 20, looks).judge();
    assertThat(judgement.outcome()).isEqualTo(Outcome.UNDECIDED);
    assertThat(judgement.reason()).contains("v1 differs from itself from second to second");
  }

  @Test
  void aBadMinuteOfBothSides_isNoDifference_thoughTheWeightChangesWithIt() {
    Look calm = new Look(new Counts(100, 0, Map.of()), new Counts(900, 0, Map.of()));
    Look storm = new Look(new Counts(500, 50, Map.of()), new Counts(500, 50, Map.of()));
    assertThat(Evidence.of(true, List.of(calm, storm, calm, calm)).value()).isLessThan(1);
  }

  @Test
  void theAlphaOfAllComparisonsOfARun_isOne() {
    double spent =
        IntStream.rangeClosed(1, 10_000)
            .mapToDouble(
                number -> new Terms("v2", "v1", number, 0.01, 50, 1, 2, 0, 1.0, true).share())
            .sum();
    assertThat(spent).isLessThanOrEqualTo(0.01).isCloseTo(0.01, within(1e-5));
  }

  @Test
  void aFailure_isToldWithAsManyDigitsAsShowTheDifference() {
    assertThat(Sentences.apart(1.4996, 1.5)).containsExactly("1.4996", "1.5");
    assertThat(Sentences.apart(10, 6.2)).containsExactly("10", "6.2");
    assertThat(Sentences.apart(1223, 1295)).containsExactly("1223", "1295");
    Judgement judgement =
        new Comparison(
                terms(50),
                60,
                List.of(
                    new Look(
                        new Counts(1000, 40, Map.of(3, 1000L)),
                        new Counts(1000, 2, Map.of(3, 1000L)))))
            .judge();
    assertThat(judgement.outcome()).isEqualTo(Outcome.WORSE);
    assertThat(judgement.reason())
        .startsWith(
            "v2 is worse than v1: 4 % of 1000 requests failed on v2, 0.2 % of 1000 on v1; chance");
  }

  private static Counts fine(long requests) {
    return new Counts(requests, 0, Map.of(3, requests));
  }
}
