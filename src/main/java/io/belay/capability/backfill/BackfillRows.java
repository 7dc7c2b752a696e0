package io.belay.capability.backfill;

import io.belay.step.BusinessStop;
import io.belay.step.Checkpoint;
import io.belay.step.Comparison;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Gives columns values in all rows that meet a condition, batch by batch while others use the
 * table, and records the previous values in a table of the same database. Rows that are inserted
 * behind the key that was the highest at the start are not touched. Goes on after a kill where it
 * was.
 *
 * @see RestoreRows
 */
@Component
@Checkpoint(name = BackfillRows.BEGUN, type = BackfillRows.Begun.class)
@Checkpoint(name = BackfillRows.RECORDING, type = Boolean.class)
public final class BackfillRows extends StepDelegate<BackfillRows.Input, BackfillRows.Result> {

  /** Checkpoint that is saved before anything is made in the database. */
  static final String BEGUN = "begun";

  /** Checkpoint that the table with the previous values is there, before the first row changes. */
  static final String RECORDING = "recording";

  /**
   * @param database name of the PostgreSQL target
   * @param table as SQL names it, such as {@code worker_profiles} or {@code shop."Order"}
   * @param key columns of a unique index, separated by commas; empty for the primary key
   * @param set what the columns become, one {@code column = expression} a line
   * @param condition which rows, as behind WHERE; {@code true} for all
   * @param batch how many rows of the key a transaction looks at
   * @param pause after each batch that changed something
   * @param lockTimeout how long a statement waits for a lock
   * @param lockedWithin how long rows are tried again that others hold locked
   * @param load query for a number, asked before each batch; empty for none
   * @param loadWanted what that number must be for the next batch to begin
   */
  public record Input(
      @NotBlank @TargetName(PostgresTarget.class) String database,
      @NotBlank String table,
      @NotNull @DefaultValue("") String key,
      @NotBlank String set,
      @NotBlank String condition,
      @Min(1) @DefaultValue("1000") int batch,
      @NotNull @DefaultValue("100ms") Duration pause,
      @NotNull @DefaultValue("500ms") Duration lockTimeout,
      @NotNull @DefaultValue("5m") Duration lockedWithin,
      @NotNull @DefaultValue("") String load,
      @NotNull @DefaultValue("<= 10") Comparison loadWanted) {

    Throttle throttle() {
      return new Throttle(pause, load, loadWanted);
    }

    List<String> wantedKey() {
      return key.isBlank() ? List.of() : SqlText.names(key, ',');
    }

    List<ColumnValue> assigned() {
      return ColumnValue.parse(set);
    }

    /** The condition for a prepared statement. */
    String where() {
      return SqlText.expression(condition);
    }
  }

  /**
   * @param changed rows that were changed
   * @param gone rows that others held locked at first, and then deleted or changed themselves
   * @param previous name of the table with the previous values; empty when there are none
   */
  public record Result(long changed, long gone, String previous) {}

  /**
   * @param bound the highest key at the start; empty when the table was empty
   * @param expected number of rows, estimated
   */
  record Begun(BackfilledTable table, List<String> bound, long expected) {}

  private final Connections connections;

  BackfillRows(Connections connections) {
    super(Input.class, Result.class);
    this.connections = connections;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    requireCheck(input, context);
    try (BackfillSession session =
        BackfillSession.open(
            connections, input.database(), input.lockTimeout(), input.lockedWithin(), context)) {
      try {
        return perform(input, context, session);
      } catch (SQLException e) {
        throw session.failure(
            e,
            "The batches that were committed are recorded; the next attempt goes on behind them");
      }
    }
  }

  private Result perform(Input input, StepContext context, BackfillSession session)
      throws SQLException, InterruptedException {
    Begun begun = begun(input, context, session);
    if (begun.bound().isEmpty()) {
      return new Result(0, 0, "");
    }
    BackfilledTable table = begun.table();
    BackfillSql sql = sql(input, table);
    session.hold(table.sql(), List.of());
    PreviousValues previous = new PreviousValues(session, table);
    boolean recording = context.saved(RECORDING, Boolean.class).orElse(false);
    if (recording && !previous.isThere()) {
      throw new TargetException(
          "the table %s with the previous values of this run is gone from '%s', so what was changed cannot be told. Nothing more was changed; look at the rows, then override this step with a reason"
              .formatted(table.previousSql(), input.database()));
    }
    if (!recording) {
      previous.make(
          sql,
          "Belay, run %s: previous (old_) and new (new_) values of %s in %s. The undo needs it"
              .formatted(context.runName(), String.join(", ", table.columns()), table.table()));
      context.save(RECORDING, true);
    }
    Backfill backfill = new Backfill(session, sql, input.throttle(), input.batch(), context);
    long changed = backfill.run(begun.bound(), begun.expected(), input.lockedWithin());
    context.log(
        "%d rows of %s were changed; their previous values are in %s",
        changed, table.sql(), table.previousSql());
    return new Result(changed, backfill.gone(), table.previous());
  }

  /**
   * What the first attempt found; found once, so that inserts meanwhile do not prolong the work.
   */
  private Begun begun(Input input, StepContext context, BackfillSession session)
      throws SQLException, InterruptedException {
    Optional<Begun> earlier = context.saved(BEGUN, Begun.class);
    if (earlier.isPresent()) {
      return earlier.get();
    }
    TableInspection found = session.transaction(work -> inspect(input, work.connection()));
    if (!found.problems().isEmpty()) {
      throw new BusinessStop(
          "table %s of '%s' cannot be backfilled: %s. Nothing was changed"
              .formatted(input.table(), input.database(), String.join("; ", found.problems())));
    }
    BackfilledTable table =
        new BackfilledTable(
            found.schema(),
            found.table(),
            found.key(),
            found.keyTypes(),
            input.assigned().stream().map(ColumnValue::column).toList(),
            BackfilledTable.previous(context.runId(), context.stepKey()));
    found.triggers().forEach(trigger -> context.log("each change fires: %s", trigger));
    List<String> bound =
        session.transaction(
            work ->
                work
                    .query(
                        sql(input, table).highest(),
                        row -> BackfillSession.texts(row, 1),
                        List.of())
                    .stream()
                    .findFirst()
                    .orElse(List.of()));
    Begun begun = new Begun(table, bound, found.rows());
    context.save(BEGUN, begun);
    return begun;
  }

  private static BackfillSql sql(Input input, BackfilledTable table) {
    return new BackfillSql(table, input.assigned(), input.where());
  }

  private static TableInspection inspect(Input input, Connection connection) throws SQLException {
    return TableInspection.of(
        connection,
        SqlText.names(input.table(), '.'),
        input.wantedKey(),
        input.assigned(),
        input.where());
  }

  @Override
  public List<String> check(Input input, Environment environment) {
    return InputRules.problems(input);
  }

  @Override
  public StepPlan plan(Input input, Environment environment) throws SQLException {
    List<String> details = new ArrayList<>();
    PostgresTarget target = environment.target(input.database(), PostgresTarget.class);
    TableInspection found;
    try (Connection connection = connections.postgres(target)) {
      found = inspect(input, connection);
    }
    details.add(
        TableInspection.statement(input.table(), input.assigned(), input.condition().strip()));
    details.add(
        "%d rows at a time along the key (%s) of about %d rows, a pause of %d ms after each, at most %d ms of waiting for a lock"
            .formatted(
                input.batch(),
                String.join(", ", found.key()),
                found.rows(),
                input.pause().toMillis(),
                input.lockTimeout().toMillis()));
    if (!input.load().isBlank()) {
      details.add(
          "waits before a batch until this is %s: %s"
              .formatted(input.loadWanted(), input.load().strip()));
    }
    found.triggers().forEach(trigger -> details.add("each change fires: " + trigger));
    if (!found.triggers().isEmpty()) {
      details.add("the undo does not take back what these triggers do; it fires them again");
    }
    details.add(
        "a table belay_rows_… in the same schema gets the previous values; the undo puts back rows that are still as this step left them, and then drops it");
    found.problems().forEach(problem -> details.add("not possible as it is now: " + problem));
    return StepPlan.changes(
        input.database(),
        "Backfill %s in batches".formatted(input.table()),
        details.toArray(String[]::new));
  }
}
