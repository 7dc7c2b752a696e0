package io.belay.capability.check.comparison;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Users' requests to two sides, second by second; latencies are log-normal with σ = 0.5. */
final class SimulatedTraffic {

  private static final double SIGMA = 0.5;

  /**
   * @param share of the candidate
   * @param slower factor of the candidate's latencies
   */
  record World(
      int perSecond,
      double share,
      double errors,
      double candidateErrors,
      double medianMs,
      double slower) {

    World failing(double rate) {
      return new World(perSecond, share, errors, rate, medianMs, slower);
    }

    World slower(double factor) {
      return new World(perSecond, share, errors, candidateErrors, medianMs, factor);
    }
  }

  /** Without a difference. */
  static World alike(double share) {
    return new World(50, share, 0.001, 0.001, 100, 1);
  }

  private final World world;
  private final double toleratedMs;
  private final Random random;

  SimulatedTraffic(World world, double toleratedMs, long seed) {
    this.world = world;
    this.toleratedMs = toleratedMs;
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
      double millis = world.medianMs() * Math.exp(SIGMA * random.nextGaussian());
      rungs[side][Ladder.rung(candidate ? millis * world.slower() - toleratedMs : millis)]++;
    }
    return new Look(
        counts(requests[0], errors[0], rungs[0]), counts(requests[1], errors[1], rungs[1]));
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
