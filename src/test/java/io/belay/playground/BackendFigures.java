package io.belay.playground;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * What one implementation of the backend application counted since the application's start, as
 * Prometheus text.
 */
final class BackendFigures {

  /** Upper bounds of the latencies' histogram: each 2 % above the one before, up to 20 s. */
  private static final double FIRST_MS = 20;

  private static final double STEP = 1.02;
  private static final int BOUNDS = 350;
  private static final int LAST = 500;

  private final String side;
  private final long[] byBound = new long[BOUNDS + 1];
  private final Deque<Double> queries = new ArrayDeque<>();
  private long requests;
  private long errors;
  private double seconds;

  BackendFigures(String side) {
    this.side = side;
  }

  synchronized void answered(int status, double millis) {
    requests++;
    errors += status / 100 == 5 ? 1 : 0;
    seconds += millis / 1000;
    byBound[bound(millis)]++;
  }

  private static int bound(double millis) {
    double steps = Math.ceil(Math.log(Math.max(millis, FIRST_MS) / FIRST_MS) / Math.log(STEP));
    return (int) Math.min(BOUNDS, steps);
  }

  /** How long the database took for one query. */
  synchronized void queried(double millis) {
    queries.addLast(millis);
    if (queries.size() > LAST) {
      queries.removeFirst();
    }
  }

  synchronized String prometheus() {
    StringBuilder text = new StringBuilder();
    add(text, "requests_total", "", requests);
    add(text, "errors_total", "", errors);
    long below = 0;
    for (int i = 0; i < BOUNDS; i++) {
      below += byBound[i];
      add(text, "request_duration_seconds_bucket", ",le=\"" + seconds(i) + "\"", below);
    }
    add(text, "request_duration_seconds_bucket", ",le=\"+Inf\"", requests);
    add(text, "request_duration_seconds_count", "", requests);
    text.append(
        String.format(
            Locale.ROOT, "request_duration_seconds_sum{side=\"%s\"} %.6f%n", side, seconds));
    text.append(
        String.format(
            Locale.ROOT, "database_ms{side=\"%s\",quantile=\"0.95\"} %s%n", side, queryP95()));
    return text.toString();
  }

  private static String seconds(int bound) {
    return String.format(Locale.ROOT, "%.6f", FIRST_MS * Math.pow(STEP, bound) / 1000);
  }

  private void add(StringBuilder text, String name, String label, long value) {
    text.append("%s{side=\"%s\"%s} %d%n".formatted(name, side, label, value));
  }

  private String queryP95() {
    double[] sorted = queries.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted.length == 0
        ? "NaN"
        : String.format(Locale.ROOT, "%.3f", sorted[(int) Math.ceil(0.95 * sorted.length) - 1]);
  }
}
