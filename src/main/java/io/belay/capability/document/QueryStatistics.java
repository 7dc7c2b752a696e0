package io.belay.capability.document;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.springframework.lang.Nullable;

/** Counts and times of queries by answering side, since this node started. */
public final class QueryStatistics {

  private static final long LONGEST_MICROS = 60_000_000;
  private static final int DIGITS = 2;

  private record Key(QueryMode mode, QuerySide side, String collection) {}

  /** The outcome of one query to one side. */
  enum Outcome {
    /** It answered. */
    FOUND,
    /** It answered after the other side, asked first, had no answer. */
    FELL_BACK,
    /** It found nothing. */
    MISSED,
    /** Its files could not be read. */
    FAILED
  }

  /**
   * One line of the statistics.
   *
   * @param calls number of queries to that side
   * @param fallbacks calls answered instead of the other side
   * @param misses calls that found nothing
   * @param errors calls that failed
   * @param p50Ms milliseconds; absent without calls
   */
  public record Row(
      QueryMode mode,
      QuerySide side,
      String collection,
      long calls,
      long fallbacks,
      long misses,
      long errors,
      @Nullable Double p50Ms,
      @Nullable Double p95Ms,
      @Nullable Double p99Ms) {}

  private static final class Cell {
    final LongAdder calls = new LongAdder();
    final LongAdder fallbacks = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder errors = new LongAdder();
    final Histogram micros = new ConcurrentHistogram(LONGEST_MICROS, DIGITS);
  }

  /**
   * Totals of all sides and collections; a query to both sides counts once.
   *
   * @param queries number of queries
   * @param failed queries without an answer, because no side could be read
   * @param fellBack queries answered by the side that was not asked first
   * @param byId queries for one {@code _id}
   * @param missed those of {@code byId} that found nothing
   */
  public record Totals(long queries, long failed, long fellBack, long byId, long missed) {

    /** The difference from an earlier reading. */
    Totals since(Totals earlier) {
      return new Totals(
          queries - earlier.queries,
          failed - earlier.failed,
          fellBack - earlier.fellBack,
          byId - earlier.byId,
          missed - earlier.missed);
    }
  }

  private final LongAdder queries = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder fellBack = new LongAdder();
  private final LongAdder byId = new LongAdder();
  private final LongAdder missed = new LongAdder();
  private final Map<Key, Cell> cells = new ConcurrentHashMap<>();

  void record(QueryMode mode, QuerySide side, String collection, Outcome outcome, long nanos) {
    Cell cell = cells.computeIfAbsent(new Key(mode, side, collection), key -> new Cell());
    cell.calls.increment();
    switch (outcome) {
      case FOUND -> {}
      case FELL_BACK -> cell.fallbacks.increment();
      case MISSED -> cell.misses.increment();
      case FAILED -> cell.errors.increment();
    }
    cell.micros.recordValue(Math.min(LONGEST_MICROS, nanos / 1000));
  }

  void total(boolean askedById, boolean answered, boolean otherSide, boolean found) {
    queries.increment();
    add(failed, !answered);
    add(fellBack, otherSide);
    add(byId, askedById);
    add(missed, askedById && answered && !found);
  }

  private static void add(LongAdder count, boolean one) {
    if (one) {
      count.increment();
    }
  }

  public Totals totals() {
    return new Totals(queries.sum(), failed.sum(), fellBack.sum(), byId.sum(), missed.sum());
  }

  /** By mode, side and collection. */
  public List<Row> rows() {
    return cells.entrySet().stream()
        .map(entry -> row(entry.getKey(), entry.getValue()))
        .sorted(
            Comparator.comparing(Row::mode).thenComparing(Row::side).thenComparing(Row::collection))
        .toList();
  }

  private static Row row(Key key, Cell cell) {
    Histogram micros = cell.micros.copy();
    return new Row(
        key.mode(),
        key.side(),
        key.collection(),
        cell.calls.sum(),
        cell.fallbacks.sum(),
        cell.misses.sum(),
        cell.errors.sum(),
        percentile(micros, 50),
        percentile(micros, 95),
        percentile(micros, 99));
  }

  private static Double percentile(Histogram micros, double share) {
    return micros.getTotalCount() == 0 ? null : micros.getValueAtPercentile(share) / 1000.0;
  }
}
