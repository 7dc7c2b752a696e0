package io.belay.document;

import java.time.Duration;

/** The speed that this Belay has seen last, for estimates. */
final class Throughput {

  private static volatile double bytesPerSecond;

  private Throughput() {}

  static void measured(long bytes, long nanos) {
    if (bytes >= 1 << 20 && nanos > 0) { // less says more about starting than about speed
      bytesPerSecond = bytes * 1e9 / nanos;
    }
  }

  /** Null when nothing was measured yet. */
  static Duration duration(long bytes) {
    double speed = bytesPerSecond;
    return speed == 0 ? null : Duration.ofMillis(Math.round(bytes * 1000.0 / speed));
  }
}
