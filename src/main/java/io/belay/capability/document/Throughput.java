package io.belay.capability.document;

import java.time.Duration;

/** The speed last measured by this Belay, for estimates. */
final class Throughput {

  private static volatile double bytesPerSecond;

  private Throughput() {}

  static void measured(long bytes, long nanos) {
    if (bytes >= 1 << 20 && nanos > 0) { // with less, the start-up time dominates
      bytesPerSecond = bytes * 1e9 / nanos;
    }
  }

  /** How long that many bytes take; null when nothing has been measured yet. */
  static Duration duration(long bytes) {
    double speed = bytesPerSecond;
    return speed == 0 ? null : Duration.ofMillis(Math.round(bytes * 1000.0 / speed));
  }
}
