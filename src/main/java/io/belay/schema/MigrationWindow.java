package io.belay.schema;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.target.Cancellation;
import io.belay.target.Connections;
import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A time in which this run changed the schema or took the change back. A row that was written in it
 * may be the migration's as well as the application's; one written outside cannot be the
 * migration's.
 *
 * @param begin {@code pg_current_snapshot()} before the first change
 * @param end the same after the last; null when the step did not end
 */
record MigrationWindow(String begin, String end) {

  static final String BEGIN = "snapshotBefore";
  static final String END = "snapshotAfter";

  /** Before the first change; of several attempts the first counts. */
  static void begin(StepContext context, Connections connections, PostgresTarget database) {
    if (context.saved(BEGIN, String.class).isEmpty()) {
      context.save(BEGIN, snapshot(connections, database, context.cancellation()));
    }
  }

  /** After the last change. */
  static void end(StepContext context, Connections connections, PostgresTarget database) {
    context.save(END, snapshot(connections, database, context.cancellation()));
  }

  /** All of this run. */
  static List<MigrationWindow> of(StepContext context, String migration) {
    List<PastStep> steps = new ArrayList<>();
    context.started("applySchema").stream()
        .filter(step -> step.input(ApplySchema.Input.class).migration().equals(migration))
        .forEach(steps::add);
    context.started("revertSchema").stream()
        .filter(step -> step.input(RevertSchema.Input.class).migration().equals(migration))
        .forEach(steps::add);
    List<MigrationWindow> windows = new ArrayList<>();
    for (PastStep step : steps) {
      step.saved(BEGIN, String.class)
          .ifPresent(
              begin ->
                  windows.add(
                      new MigrationWindow(begin, step.saved(END, String.class).orElse(null))));
    }
    return windows;
  }

  /** SQL over the rows of a table: written in this time. */
  String condition() {
    String since = WrittenSince.condition(begin);
    return end == null ? since : "(%s AND NOT %s)".formatted(since, WrittenSince.condition(end));
  }

  private static String snapshot(
      Connections connections, PostgresTarget database, Cancellation cancellation) {
    try (DatabaseSession session =
        DatabaseSession.open(connections, database, "belay", cancellation)) {
      return session.one("SELECT pg_current_snapshot()::text", row -> row.getString(1));
    } catch (SQLException e) {
      cancellation.throwIfCancelled();
      throw new TargetException(
          "%s did not say which transactions it has seen: %s. Retry; the migration finds out what is done"
              .formatted(database.describe(), e.getMessage()),
          e);
    }
  }
}
