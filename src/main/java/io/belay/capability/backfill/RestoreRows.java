package io.belay.capability.backfill;

import io.belay.capability.backfill.BackfillRows.Begun;
import io.belay.capability.backfill.BackfilledTable.State;
import io.belay.step.Checkpoint;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import jakarta.validation.constraints.NotNull;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Puts back, the latest backfill first, the previous values of the rows that are still as {@link
 * BackfillRows} left them, and drops the table that held these values. Rows that somebody has
 * changed since are left alone; then the table stays, and a person is asked. Safe to repeat, and on
 * nothing.
 *
 * @see BackfillRows
 */
@Component
@Undoes("backfillRows")
@Checkpoint(name = RestoreRows.RESTORED, type = RestoreRows.Restored.class)
public final class RestoreRows extends UndoDelegate<RestoreRows.Input, RestoreRows.Result> {

  /** Checkpoint that is saved before a table with previous values is dropped. */
  static final String RESTORED = "restored";

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /**
   * @param database name of the PostgreSQL target; {@code none} for all
   */
  public record Input(
      @NotNull @DefaultValue(TargetName.NONE) @TargetName(PostgresTarget.class) String database) {}

  /**
   * @param restored how many rows it put back
   */
  public record Result(long restored) {}

  /**
   * @param executions keys of those of which nothing stands
   */
  record Restored(List<String> executions) {}

  private final Connections connections;

  RestoreRows(Connections connections) {
    super(Input.class, Result.class);
    this.connections = connections;
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    return input.database().equals(TargetName.NONE)
        || past.input(BackfillRows.Input.class).database().equals(input.database());
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> executions, StepContext context)
      throws Exception {
    long restored = 0;
    for (int i = executions.size() - 1; i >= 0; i--) {
      PastStep past = executions.get(i);
      Begun begun = past.saved(BackfillRows.BEGUN, Begun.class).orElse(null);
      if (begun != null && !begun.bound().isEmpty()) {
        restored += restore(past, begun.table(), context);
      }
    }
    return new Result(restored);
  }

  private long restore(PastStep past, BackfilledTable table, StepContext context) throws Exception {
    BackfillRows.Input input = past.input(BackfillRows.Input.class);
    try (BackfillSession session =
        BackfillSession.open(
            connections, input.database(), input.lockTimeout(), input.lockedWithin(), context)) {
      try {
        session.hold(table.sql(), List.of(past.key()));
        PreviousValues previous = new PreviousValues(session, table);
        boolean isBack = restored(context).contains(past.key());
        if (!isBack && !previous.isThere()) {
          requireNoneChanged(past, table, input.database());
          return 0;
        }
        long rows = isBack ? 0 : restore(input, table, session, context);
        saveRestored(past, context);
        previous.drop();
        context.log("%d rows of %s have their previous values again", rows, table.sql());
        return rows;
      } catch (SQLException e) {
        throw session.failure(
            e,
            "The rows that were put back are recorded; the next attempt goes on with the others");
      }
    }
  }

  /** Before the table was there, no row was changed. */
  private static void requireNoneChanged(PastStep past, BackfilledTable table, String database) {
    if (past.saved(BackfillRows.RECORDING, Boolean.class).orElse(false)) {
      throw new TargetException(
          "the table %s with the previous values is gone from '%s', so nothing can be put back. Look at the rows of %s, put them right by hand, then override this step with a reason"
              .formatted(table.previousSql(), database, table.sql()));
    }
  }

  private static List<String> restored(StepContext context) {
    return context.savedBy(List.of("restoreRows"), RESTORED, Restored.class).stream()
        .flatMap(saved -> saved.executions().stream())
        .toList();
  }

  private static void saveRestored(PastStep past, StepContext context) {
    List<String> all =
        new ArrayList<>(
            context.saved(RESTORED, Restored.class).map(Restored::executions).orElse(List.of()));
    all.add(past.key());
    context.save(RESTORED, new Restored(List.copyOf(all)));
  }

  /**
   * @param last the key of the last row; empty when there was none
   */
  private record Batch(long told, long put, List<String> last) {}

  private static long restore(
      BackfillRows.Input input, BackfilledTable table, BackfillSession session, StepContext context)
      throws SQLException, InterruptedException {
    RestoreSql sql = new RestoreSql(table);
    session.transaction(
        work -> {
          work.execute(sql.lookAgain());
          return null;
        });
    long all = count(session, sql, State.CHANGED);
    long end = System.nanoTime() + input.lockedWithin().toNanos();
    long restored = 0;
    long left = all;
    for (long pause = 100; left > 0; pause = Math.min(2 * pause, LONGEST_PAUSE.toMillis())) {
      Batch batch = new Batch(0, 0, List.of());
      do {
        long done = all - left;
        input.throttle().await(session, why -> context.progress().report(done, all, "rows", why));
        Query query = sql.batch(batch.last(), input.batch());
        batch = session.transactionAlongRecord(work -> batch(work, query));
        restored += batch.put();
        left -= batch.told();
        context.progress().report(all - left, all, "rows", "%d put back".formatted(restored));
        if (batch.put() > 0 && left > 0) {
          session.pause(input.throttle().pause());
        }
      } while (!batch.last().isEmpty());
      left = count(session, sql, State.CHANGED);
      if (left > 0 && System.nanoTime() > end) {
        throw new TargetException(
            "%d rows of %s could not be put back within %s: others hold them locked, or a trigger keeps them as they are; the first keys are %s. Let those transactions end, then retry"
                .formatted(
                    left,
                    table.sql(),
                    input.lockedWithin(),
                    Backfill.named(session, table, State.CHANGED)));
      }
      if (left > 0) {
        session.pause(Duration.ofMillis(pause));
      }
    }
    requireNoOthers(input.database(), table, session, sql);
    return restored;
  }

  private static Batch batch(BackfillSession work, Query query) throws SQLException {
    return work.query(
            query.sql(),
            row -> new Batch(row.getLong(1), row.getLong(2), BackfillSession.texts(row, 3)),
            query.arguments())
        .get(0);
  }

  private static long count(BackfillSession session, RestoreSql sql, State state)
      throws SQLException, InterruptedException {
    return session.transaction(work -> work.one(sql.count(state), row -> row.getLong(1)));
  }

  private static void requireNoOthers(
      String database, BackfilledTable table, BackfillSession session, RestoreSql sql)
      throws SQLException, InterruptedException {
    long others = count(session, sql, State.OTHER);
    if (others > 0) {
      throw new TargetException(
          "somebody has changed %d rows of %s on '%s' since this run did; they were left alone, and all others are put back. The first keys are %s; what this run wrote and what was there before is in %s where state is 'other'. Give them the previous values, or the ones that this run wrote, and retry; if they are to stay, override this step with a reason and drop that table"
              .formatted(
                  others,
                  table.sql(),
                  database,
                  Backfill.named(session, table, State.OTHER),
                  table.previousSql()));
    }
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.changes(
        input.database(),
        "Put back the previous values of the rows that this run backfilled, except where somebody has changed them since",
        "rows that somebody has changed are counted and named, and a person decides");
  }
}
