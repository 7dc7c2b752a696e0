package io.belay.capability.document;

import java.time.Instant;

/**
 * How queries are answered at present.
 *
 * @param preferNew in {@link QueryMode#HYBRID}: whether the new files are asked first
 * @param fallback in {@link QueryMode#HYBRID}: whether the other side is asked if the first has no
 *     answer
 * @param fence fencing number of the lease under which it was written
 * @param by who set it: a user, or a run's name
 */
public record QuerySetting(
    QueryMode mode, boolean preferNew, boolean fallback, long fence, String by, Instant at) {

  /** The setting before any was made. */
  public static final QuerySetting INITIAL =
      new QuerySetting(QueryMode.LEGACY, true, true, 0, "nobody", Instant.EPOCH);

  /** The side that is asked first. */
  QuerySide first() {
    return mode == QueryMode.NEW || (mode == QueryMode.HYBRID && preferNew)
        ? QuerySide.NEW
        : QuerySide.LEGACY;
  }

  boolean fallsBack() {
    return mode == QueryMode.HYBRID && fallback;
  }

  /** Whether both settings answer queries in the same way. */
  public boolean sameAs(QuerySetting other) {
    return mode == other.mode && preferNew == other.preferNew && fallback == other.fallback;
  }
}
