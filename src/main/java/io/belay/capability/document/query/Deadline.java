package io.belay.capability.document.query;

import java.time.Duration;

/** The time by which a query must be answered. */
public final class Deadline {

  private final long end;
  private final Duration time;

  private Deadline(Duration time) {
    this.time = time;
    this.end = System.nanoTime() + time.toNanos();
  }

  public static Deadline in(Duration time) {
    return new Deadline(time);
  }

  /**
   * @throws QueryTooSlow when the deadline has passed
   */
  public void check() {
    if (System.nanoTime() - end > 0) {
      throw new QueryTooSlow(
          "the query took longer than %d ms: narrow it, or ask by _id".formatted(time.toMillis()));
    }
  }

  /** A query that was given up. */
  public static final class QueryTooSlow extends RuntimeException {
    QueryTooSlow(String message) {
      super(message);
    }
  }
}
