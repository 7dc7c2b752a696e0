package io.belay.capability.schema;

import io.belay.capability.schema.CatalogReader.CatalogTable;
import io.belay.capability.schema.Fingerprint.Table;
import io.belay.target.Cancellation;
import io.belay.target.Connections;
import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Whether a database differs from a fingerprint only by rows that its users added while a run
 * migrated it and rolled back: the schema is the same, every earlier row is there with its earlier
 * content, and no row was added while the migration itself worked. A row changed or deleted since
 * does not qualify: the data do not show whether the application or the migration did it.
 */
final class AddedRows {

  /**
   * @param rows added since the fingerprint
   * @param doubtful those of them written while the migration worked
   */
  private record Added(String table, long rows, long doubtful) {}

  /**
   * @param doubts tables to which the migration itself may have added rows
   * @param text a sentence about all that was added
   */
  record Explanation(List<String> doubts, String text) {}

  private final Connections connections;
  private final PostgresTarget database;
  private final List<String> ignoredTables;
  private final Cancellation cancellation;

  AddedRows(
      Connections connections,
      PostgresTarget database,
      List<String> ignoredTables,
      Cancellation cancellation) {
    this.connections = connections;
    this.database = database;
    this.ignoredTables = ignoredTables;
    this.cancellation = cancellation;
  }

  /**
   * Whether schema and earlier rows are the same; sequences may have advanced, as rows were added.
   */
  static boolean keepWhatWas(Fingerprint before, Fingerprint asOf) {
    SortedMap<String, String> objects = new TreeMap<>(asOf.objects());
    objects.replaceAll((name, now) -> advanced(name, before.objects().get(name), now));
    Fingerprint settled =
        new Fingerprint(
            asOf.takenAt(), asOf.snapshot(), asOf.statisticsReset(), asOf.tables(), objects);
    return FingerprintComparison.equality(before, settled).equal();
  }

  private static String advanced(String name, String before, String now) {
    boolean forward =
        name.startsWith("sequence ")
            && before != null
            && !now.equals("unused")
            && (before.equals("unused") || Long.parseLong(now) >= Long.parseLong(before));
    return forward ? before : now;
  }

  /** What was added, and whether only the application can have added it. */
  Explanation explain(Fingerprint before, List<MigrationWindow> windows) {
    List<Added> added = count(before, windows);
    return new Explanation(
        added.stream()
            .filter(table -> table.doubtful() > 0)
            .map(
                table ->
                    "table %s: %d rows were added, %d of them while the migration worked: they may be its own"
                        .formatted(table.table(), table.rows(), table.doubtful()))
            .toList(),
        added.stream()
            .map(table -> table.table() + " " + table.rows())
            .collect(
                Collectors.joining(
                    ", ",
                    "schema and content are the same, except rows that the application added since: ",
                    "")));
  }

  private List<Added> count(Fingerprint before, List<MigrationWindow> windows) {
    try (DatabaseSession session =
        DatabaseSession.open(connections, database, "belay", cancellation)) {
      session.beginSnapshot(Duration.ZERO);
      List<Added> added = new ArrayList<>();
      Map<String, Table> tables = before.tables();
      for (CatalogTable table : new CatalogReader(session, ignoredTables).tables()) {
        cancellation.throwIfCancelled();
        if (table.content() && tables.containsKey(table.name())) {
          Added one = count(session, table, tables.get(table.name()), before.snapshot(), windows);
          if (one.rows() > 0) {
            added.add(one);
          }
        }
      }
      return added;
    } catch (SQLException e) {
      cancellation.throwIfCancelled();
      throw new TargetException(
          "the rows added to %s could not be counted: %s. Nothing was changed; the step can be retried"
              .formatted(database.describe(), e.getMessage()),
          e);
    }
  }

  private static Added count(
      DatabaseSession session,
      CatalogTable table,
      Table old,
      String snapshot,
      List<MigrationWindow> windows)
      throws SQLException {
    String inWindow =
        windows.isEmpty()
            ? "false"
            : windows.stream()
                .map(MigrationWindow::condition)
                .collect(Collectors.joining(" OR ", "(", ")"));
    // As ContentHash.asOf finds the earlier rows: those that nobody wrote since; in a rewritten
    // table, those up to the highest key of that time.
    String beyond =
        old.keyMax() == null
            ? "true"
            : "%s > %d".formatted(ContentHash.quoted(old.key().get(0)), old.keyMax());
    return session.one(
        """
        SELECT count(*), count(*) FILTER (WHERE NOT %1$s), count(*) FILTER (WHERE %2$s),
               count(*) FILTER (WHERE %2$s AND %3$s) FROM ONLY %4$s
        """
            .formatted(WrittenSince.condition(snapshot), inWindow, beyond, table.sqlName()),
        row -> {
          boolean rewritten = row.getLong(2) != old.rows();
          return new Added(
              table.name(),
              row.getLong(1) - old.rows(),
              rewritten ? row.getLong(4) : row.getLong(3));
        });
  }
}
