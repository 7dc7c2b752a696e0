package io.belay.document.query;

import java.time.Duration;

/** Until when a query must have its answer. */
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
   * @throws QueryTooSlow when it is over
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
