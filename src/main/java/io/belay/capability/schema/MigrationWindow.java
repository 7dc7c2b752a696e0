package io.belay.capability.schema;

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
 * A period in which this run changed the schema or reverted the change. A row written within it may
 * come from the migration or the application; one written outside cannot come from the migration.
 *
 * @param begin {@code pg_current_snapshot()} before the first change
 * @param end {@code pg_current_snapshot()} after the last change; null when the step did not end
 */
record MigrationWindow(String begin, String end) {

  static final String BEGIN = "snapshotBefore";
  static final String END = "snapshotAfter";

  /** Call before the first change; of several attempts the first counts. */
  static void begin(StepContext context, Connections connections, PostgresTarget database) {
    if (context.saved(BEGIN, String.class).isEmpty()) {
      context.save(BEGIN, snapshot(connections, database, context.cancellation()));
    }
  }

  /** Call after the last change. */
  static void end(StepContext context, Connections connections, PostgresTarget database) {
    context.save(END, snapshot(connections, database, context.cancellation()));
  }

  /** All windows of this run. */
  static List<MigrationWindow> of(StepContext context, String migration) {
    List<PastStep> steps = new ArrayList<>();
    context.started(ApplySchema.class).stream()
        .filter(step -> step.input(ApplySchema.Input.class).migration().equals(migration))
        .forEach(steps::add);
    context.started(RevertSchema.class).stream()
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

  /** SQL condition on the rows of a table: written in this window. */
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
