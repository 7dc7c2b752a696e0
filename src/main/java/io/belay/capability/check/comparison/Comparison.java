package io.belay.capability.check.comparison;

import java.util.ArrayList;
import java.util.List;

/**
 * The candidate compared with the baseline, valid at whatever moment it is looked at. A comparison
 * can be judged again from its record alone.
 *
 * @param seconds that the looks took together
 * @param looks in their order
 */
public record Comparison(Terms terms, double seconds, List<Look> looks) {

  public Comparison {
    looks = List.copyOf(looks);
  }

  /**
   * Asks in this order: are there two sides, is the split as wanted, is the measurement sound, is
   * the candidate worse, would the declared difference have been noticed? A PASS also wants that
   * the evidence is not on its way to the alarm: not above its cube root.
   */
  public Judgement judge() {
    Look sum = looks.stream().reduce(new Look(Counts.NONE, Counts.NONE), Look::plus);
    Sentences say = new Sentences(terms, sum);
    Evidence evidence = Evidence.of(terms.hasRanks(), looks);
    double alarm = terms.alarm();
    if (!terms.hasBaseline()) {
      return decided(Judgement.Outcome.NOT_COMPARED, say.noBaseline(), evidence);
    }
    if (terms.weight() == 0 || terms.weight() >= 100) {
      return decided(Judgement.Outcome.NOT_COMPARED, say.oneSide(), evidence);
    }
    if (SampleRatio.isBroken(
        sum.candidate().requests(), sum.baseline().requests(), terms.weight())) {
      return undecided(say.split(), evidence);
    }
    double self = baselineWithItself();
    if (self >= alarm) {
      return undecided(say.differsFromItself(self), evidence);
    }
    if (evidence.value() >= alarm) {
      return decided(Judgement.Outcome.WORSE, say.worse(evidence), evidence);
    }
    Reach reach = new Reach(terms, sum, evidence.ranks().skippedShare());
    double rise = 100 * reach.errors();
    double slowdown = reach.slowdown();
    boolean noticed = rise <= terms.noticeErrors() && slowdown <= terms.noticeSlowdown();
    if (noticed && evidence.value() <= Math.cbrt(alarm)) {
      return decided(Judgement.Outcome.NO_WORSE, say.notWorse(rise, slowdown), evidence);
    }
    return waiting(sum, reach, evidence, say);
  }

  /**
   * The baseline's looks by turns as candidate and as baseline: a sound measurement is silent.
   * Their ranks do not count, as a busy second changes them on both sides.
   */
  private double baselineWithItself() {
    List<Look> there = new ArrayList<>();
    List<Look> back = new ArrayList<>();
    for (int i = 0; i + 1 < looks.size(); i += 2) {
      Look pair = new Look(looks.get(i).baseline(), looks.get(i + 1).baseline());
      there.add(pair);
      back.add(new Look(pair.baseline(), pair.candidate()));
    }
    return (Evidence.of(false, there).value() + Evidence.of(false, back).value()) / 2;
  }

  private Judgement waiting(Look sum, Reach reach, Evidence evidence, Sentences say) {
    boolean leans = evidence.value() > Math.cbrt(terms.alarm());
    double forErrors = reach.timesForErrors(terms.noticeErrors() / 100);
    double forSlowdown = reach.timesForSlowdown(terms.noticeSlowdown());
    double toPass = Math.max(forErrors, forSlowdown);
    double toAlarm = reach.timesForAlarm(evidence);
    double times = leans ? toAlarm : toPass;
    if (!leans && toAlarm < toPass) {
      // The difference seen so far is chance in part.
      times = Math.sqrt(toAlarm * toPass);
    }
    if (Double.isNaN(times)) {
      return undecided(say.noEstimate(), evidence);
    }
    boolean requestsDecide = leans ? evidence.byErrors() : forErrors > 1;
    boolean latenciesDecide = leans ? !evidence.byErrors() : forSlowdown > 1;
    Missing missing =
        new Missing(
            requestsDecide
                ? more(leans ? times : Math.min(times, forErrors), sum.candidate().requests())
                : 0,
            latenciesDecide
                ? more(leans ? times : Math.min(times, forSlowdown), sum.candidate().timed())
                : 0,
            more(times, seconds));
    return new Judgement(
        Judgement.Outcome.UNDECIDED,
        leans ? say.leans(evidence, missing) : say.more(missing),
        evidence.value(),
        terms.alarm(),
        missing.requests(),
        missing.seconds(),
        missing.latencies());
  }

  private static long more(double times, double present) {
    return (long) Math.ceil((times - 1) * present);
  }

  /** What is missing on the candidate, of either kind, and how long it takes at this rate. */
  record Missing(long requests, long latencies, long seconds) {}

  private Judgement decided(Judgement.Outcome outcome, String reason, Evidence evidence) {
    return new Judgement(outcome, reason, evidence.value(), terms.alarm(), 0, 0, 0L);
  }

  private Judgement undecided(String reason, Evidence evidence) {
    return new Judgement(
        Judgement.Outcome.UNDECIDED, reason, evidence.value(), terms.alarm(), -1, -1, -1L);
  }
}
