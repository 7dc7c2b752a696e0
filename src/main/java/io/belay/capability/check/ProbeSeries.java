package io.belay.capability.check;

import io.belay.target.Endpoint;
import io.belay.target.HttpProbe;
import java.time.Duration;
import java.util.Arrays;

/**
 * The answers to active probes. A probe without an answer counts as 5xx. A latency is that of an
 * answer, or the time-out of a probe that had none; a refused connection has no latency.
 */
final class ProbeSeries {

  /** Counts and latencies of the answers in a stretch of time. */
  record Stretch(int count, int status4xx, int status5xx, double[] latencies) {

    /** Share of the probes; NaN when there were none. */
    double rate4xx() {
      return count == 0 ? Double.NaN : (double) status4xx / count;
    }

    double rate5xx() {
      return count == 0 ? Double.NaN : (double) status5xx / count;
    }

    /**
     * By nearest rank: the smallest latency that at least this share of the answers does not
     * exceed; NaN when there are none.
     */
    double percentileMs(double share) {
      int rank = Math.max(1, (int) Math.ceil(share * latencies.length));
      return latencies.length == 0 ? Double.NaN : latencies[rank - 1];
    }
  }

  private final double timeoutMs;
  private int count;
  private int status4xx;
  private int status5xx;
  private double[] latencies = new double[256];
  private int latencyCount;
  private int unexpected;
  private String firstUnexpected = "";
  private int takenCount;
  private int taken4xx;
  private int taken5xx;
  private int takenLatencies;

  ProbeSeries(Duration timeout) {
    this.timeoutMs = timeout.toMillis();
  }

  synchronized void add(Endpoint endpoint, HttpProbe.Answer answer) {
    count++;
    if (!endpoint.accepts(answer)) {
      unexpected++;
      firstUnexpected = unexpected == 1 ? endpoint.describe(answer) : firstUnexpected;
    }
    if (answer.status() >= 500 || !answer.answered()) {
      status5xx++;
    } else if (answer.status() >= 400) {
      status4xx++;
    }
    if (answer.answered() || answer.millis() >= timeoutMs) {
      if (latencyCount == latencies.length) {
        latencies = Arrays.copyOf(latencies, 2 * latencyCount);
      }
      latencies[latencyCount++] = answer.millis();
    }
  }

  /** How many had another answer than wanted, or none. */
  synchronized int unexpected() {
    return unexpected;
  }

  /** The first of them, for people; empty when there was none. */
  synchronized String firstUnexpected() {
    return firstUnexpected;
  }

  /** Everything so far, latencies ascending. */
  synchronized Stretch all() {
    return new Stretch(count, status4xx, status5xx, sorted(0));
  }

  /** What came in since the last call. */
  synchronized Stretch takeNew() {
    Stretch fresh =
        new Stretch(
            count - takenCount, status4xx - taken4xx, status5xx - taken5xx, sorted(takenLatencies));
    takenCount = count;
    taken4xx = status4xx;
    taken5xx = status5xx;
    takenLatencies = latencyCount;
    return fresh;
  }

  private double[] sorted(int from) {
    double[] part = Arrays.copyOfRange(latencies, from, latencyCount);
    Arrays.sort(part);
    return part;
  }
}
