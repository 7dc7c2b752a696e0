package io.belay.capability.check.comparison;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Users' requests to two sides, second by second; latencies are log-normal with σ = 0.5. They are
 * those of the requests, or of probes of each side.
 */
final class SimulatedTraffic {

  private static final double SIGMA = 0.5;

  /**
   * @param share of the candidate
   * @param slower factor of the candidate's latencies
   * @param probes of each side in a second; 0 where the requests themselves are timed
   */
  record World(
      int perSecond,
      double share,
      double errors,
      double candidateErrors,
      double medianMs,
      double slower,
      int probes) {

    World failing(double rate) {
      return new World(perSecond, share, errors, rate, medianMs, slower, probes);
    }

    World slower(double factor) {
      return new World(perSecond, share, errors, candidateErrors, medianMs, factor, probes);
    }

    World probed(int times) {
      return new World(perSecond, share, errors, candidateErrors, medianMs, slower, times);
    }
  }

  /** Without a difference. */
  static World alike(double share) {
    return new World(50, share, 0.001, 0.001, 100, 1, 0);
  }

  private final World world;
  private final Terms terms;
  private final Random random;

  SimulatedTraffic(World world, Terms terms, long seed) {
    this.world = world;
    this.terms = terms;
    this.random = new Random(seed);
  }

  Look second() {
    long[] requests = new long[2];
    long[] errors = new long[2];
    long[][] rungs = new long[2][Ladder.LIMITS + 1];
    for (int i = 0; i < world.perSecond(); i++) {
      boolean candidate = random.nextDouble() < world.share();
      int side = candidate ? 0 : 1;
      requests[side]++;
      if (random.nextDouble() < (candidate ? world.candidateErrors() : world.errors())) {
        errors[side]++;
      }
      if (world.probes() == 0) {
        rungs[side][rung(candidate)]++;
      }
    }
    for (int i = 0; i < world.probes(); i++) {
      rungs[0][rung(true)]++;
      rungs[1][rung(false)]++;
    }
    return new Look(
        counts(requests[0], errors[0], rungs[0]), counts(requests[1], errors[1], rungs[1]));
  }

  private int rung(boolean candidate) {
    double millis = world.medianMs() * Math.exp(SIGMA * random.nextGaussian());
    return Ladder.rung(candidate ? terms.less(millis * world.slower()) : millis);
  }

  private static Counts counts(long requests, long errors, long[] rungs) {
    Map<Integer, Long> filled = new TreeMap<>();
    for (int rung = 0; rung < rungs.length; rung++) {
      if (rungs[rung] > 0) {
        filled.put(rung, rungs[rung]);
      }
    }
    return new Counts(requests, errors, filled);
  }
}
