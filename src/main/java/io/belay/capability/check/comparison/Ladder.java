package io.belay.capability.check.comparison;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The limits at which latencies are compared, fixed beforehand and the same for every service: each
 * is 1.25 times the one before, from 5 ms to 15 s. Of a latency only its rung is kept, the number
 * of limits that it exceeds.
 */
final class Ladder {

  static final int LIMITS = 37;
  private static final double FIRST_MS = 5;
  private static final double STEP = 1.25;
  private static final double[] LIMITS_MS =
      IntStream.range(0, LIMITS).mapToDouble(limit -> FIRST_MS * Math.pow(STEP, limit)).toArray();

  private Ladder() {}

  static double limitMs(int limit) {
    return LIMITS_MS[limit];
  }

  /** How many limits the latency exceeds, 0 to {@link #LIMITS}. */
  static int rung(double millis) {
    int place = Arrays.binarySearch(LIMITS_MS, millis);
    return place >= 0 ? place : -place - 1;
  }

  /** Share of the requests that took longer, by interpolation between the limits. */
  static double slowerShare(Counts counts, double millis) {
    double place = Math.log(millis / FIRST_MS) / Math.log(STEP);
    if (millis <= 0 || counts.timed() == 0) {
      return 1;
    }
    if (place >= LIMITS - 1) {
      return counts.slowerThan(LIMITS - 1) / (double) counts.timed();
    }
    int below = (int) Math.floor(Math.max(place, -1));
    double part = place < 0 ? millis / FIRST_MS : place - below;
    double atBelow = place < 0 ? counts.timed() : counts.slowerThan(below);
    return ((1 - part) * atBelow + part * counts.slowerThan(below + 1)) / counts.timed();
  }
}
