package io.belay.capability.backfill;

import io.belay.capability.backfill.BackfilledTable.State;
import io.belay.step.StepContext;
import io.belay.target.TargetException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * Changes the rows of a table up to a key that was the highest at the start, in one pass along the
 * key; then again those that others held locked. Goes on behind the last row that is recorded.
 */
final class Backfill {

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /** How many rows a message names. */
  private static final int NAMED = 20;

  private final BackfillSession session;
  private final BackfillSql sql;
  private final Throttle throttle;
  private final int rows;
  private final StepContext context;
  private long changed;
  private long gone;
  private long skipped;

  /**
   * @param rows of one batch
   */
  Backfill(
      BackfillSession session, BackfillSql sql, Throttle throttle, int rows, StepContext context) {
    this.session = session;
    this.sql = sql;
    this.throttle = throttle;
    this.rows = rows;
    this.context = context;
  }

  /**
   * @param end the key at which it ended
   * @param last whether no rows are left behind it
   */
  private record Batch(List<String> end, boolean last, long changed, long skipped) {}

  /**
   * @param last the key of the last row; empty when there was none
   */
  private record Again(long changed, long gone, List<String> last) {}

  /**
   * @param bound the last key of the pass
   * @param expected number of rows, for the progress; 0 when unknown
   * @param lockedWithin how long rows that others hold locked are tried again
   * @return number of rows that were changed, in all attempts
   * @throws TargetException when rows stay locked
   */
  long run(List<String> bound, long expected, Duration lockedWithin)
      throws SQLException, InterruptedException {
    count();
    List<String> reached =
        session.transaction(
            work ->
                work.query(sql.reached(), row -> BackfillSession.texts(row, 1), List.of()).stream()
                    .findFirst()
                    .orElse(List.of()));
    Batch batch = new Batch(reached, false, 0, 0);
    for (long seen = 0; !batch.last(); seen += rows) {
      awaitTurn(seen, expected);
      List<String> after = batch.end();
      batch = session.transaction(work -> batch(work, after, bound));
      changed += batch.changed();
      skipped += batch.skipped();
      report(seen + rows, expected);
      if (batch.changed() > 0 && !batch.last()) {
        session.pause(throttle.pause());
      }
    }
    repeatSkipped(lockedWithin, expected);
    return changed;
  }

  /** How many rows others deleted, or changed so that they do not meet the condition any more. */
  long gone() {
    return gone;
  }

  private void count() throws SQLException, InterruptedException {
    String counts =
        "SELECT count(*) FILTER (WHERE state = %s), count(*) FILTER (WHERE state = %s), count(*) FILTER (WHERE state = %s) FROM %s"
            .formatted(
                State.CHANGED.sql(),
                State.SKIPPED.sql(),
                State.GONE.sql(),
                sql.table().previousSql());
    session.transaction(
        work ->
            work.one(
                counts,
                row -> {
                  changed = row.getLong(1);
                  skipped = row.getLong(2);
                  gone = row.getLong(3);
                  return true;
                }));
  }

  private Batch batch(BackfillSession work, List<String> after, List<String> bound)
      throws SQLException {
    Query ask = sql.end(after, bound, rows);
    List<List<String>> end =
        work.query(ask.sql(), row -> BackfillSession.texts(row, 1), ask.arguments());
    List<String> upTo = end.isEmpty() ? bound : end.get(0);
    Query change = sql.batch(after, upTo);
    return work.query(
            change.sql(),
            row -> new Batch(upTo, end.isEmpty(), row.getLong(1), row.getLong(2)),
            change.arguments())
        .get(0);
  }

  private void awaitTurn(long seen, long expected) throws SQLException, InterruptedException {
    throttle.await(session, why -> report(seen, expected, why));
  }

  private void report(long seen, long expected) {
    report(
        seen,
        expected,
        skipped == 0
            ? "%d changed".formatted(changed)
            : "%d changed, %d locked by others".formatted(changed, skipped));
  }

  private void report(long seen, long expected, String message) {
    long done = expected > 0 ? Math.min(seen, expected) : seen; // expected is an estimate
    context.progress().report(done, expected, "rows", message);
  }

  /** Rows that others hold locked are never left out. */
  private void repeatSkipped(Duration lockedWithin, long expected)
      throws SQLException, InterruptedException {
    long end = System.nanoTime() + lockedWithin.toNanos();
    for (long pause = 100; skipped > 0; pause = Math.min(2 * pause, LONGEST_PAUSE.toMillis())) {
      Again again = new Again(0, 0, List.of());
      do {
        awaitTurn(expected, expected);
        Query query = sql.again(again.last(), rows);
        again =
            session.transactionAlongRecord(
                work ->
                    work.query(
                            query.sql(),
                            row ->
                                new Again(
                                    row.getLong(1), row.getLong(2), BackfillSession.texts(row, 3)),
                            query.arguments())
                        .get(0));
        changed += again.changed();
        gone += again.gone();
        skipped -= again.changed() + again.gone();
        report(expected, expected);
      } while (!again.last().isEmpty());
      if (skipped > 0 && System.nanoTime() > end) {
        throw new TargetException(
            "%d rows of %s could not be changed within %s: others hold them locked, or a trigger keeps them as they are; the first keys are %s. The other %d rows are changed and recorded; let those transactions end, then retry"
                .formatted(
                    skipped,
                    sql.table().sql(),
                    lockedWithin,
                    named(session, sql.table(), State.SKIPPED),
                    changed));
      }
      if (skipped > 0) {
        session.pause(Duration.ofMillis(pause));
      }
    }
  }

  /** The keys of the first rows in a state, for people. */
  static String named(BackfillSession session, BackfilledTable table, State state)
      throws SQLException, InterruptedException {
    List<String> keys =
        session.transaction(
            work ->
                work.query(
                    "SELECT %s AS belay_name FROM %s WHERE state = %s ORDER BY %s LIMIT %d"
                        .formatted(
                            table.keys(" || ' ' || ", "key_%2$d::text"),
                            table.previousSql(),
                            state.sql(),
                            table.keys(", ", "key_%2$d"),
                            NAMED),
                    row -> row.getString(1),
                    List.of()));
    return String.join(", ", keys);
  }
}
