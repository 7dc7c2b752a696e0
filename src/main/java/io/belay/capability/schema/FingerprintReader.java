package io.belay.capability.schema;

import io.belay.capability.schema.CatalogReader.CatalogTable;
import io.belay.capability.schema.Fingerprint.Table;
import io.belay.step.StepContext;
import io.belay.target.Cancellation;
import io.belay.target.Connections;
import io.belay.target.PostgresTarget;
import io.belay.target.Progress;
import io.belay.target.TargetException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Takes the {@link Fingerprint} of a database in one repeatable-read, read-only transaction, so
 * that it is all of the same instant, however long the reading takes and whatever is written
 * meanwhile. Reads every table once; no writes, no locks beyond those of a SELECT.
 */
public final class FingerprintReader {

  /**
   * Speed of reading and hashing, in bytes of table size per second; a cautious figure for the
   * plan.
   */
  private static final long BYTES_PER_SECOND = 100_000_000;

  private final Connections connections;
  private final PostgresTarget database;
  private final List<String> ignoredTables;
  private final Cancellation cancellation;
  private final Progress progress;

  /**
   * @param ignoredTables names of tables that count as absent, beside the migration tools' own
   */
  public FingerprintReader(
      Connections connections,
      PostgresTarget database,
      List<String> ignoredTables,
      Cancellation cancellation,
      Progress progress) {
    this.connections = connections;
    this.database = database;
    this.ignoredTables = ignoredTables;
    this.cancellation = cancellation;
    this.progress = progress;
  }

  /** A reader for a step, of the database that a migration target names. */
  static FingerprintReader of(Connections connections, StepContext context, String migration) {
    MigrationTarget target = context.target(migration, MigrationTarget.class);
    return new FingerprintReader(
        connections,
        context.target(target.database(), PostgresTarget.class),
        target.ignoredTables(),
        context.cancellation(),
        context.progress());
  }

  /** Takes the full fingerprint: the schema and the content of all tables. */
  public Fingerprint take() {
    return read(table -> true, null);
  }

  /**
   * Takes the present state of the tables, columns and rows that an earlier fingerprint contains.
   * Later additions are in the schema part only.
   *
   * @param hashed names of the tables whose content is read; empty means all in {@code before}
   */
  public Fingerprint takeAsOf(Fingerprint before, List<String> hashed) {
    return read(
        table -> before.tables().containsKey(table) && (hashed.isEmpty() || hashed.contains(table)),
        before);
  }

  /** How long reading that many bytes may take. */
  public static Duration expected(long bytes) {
    return Duration.ofSeconds(1 + bytes / BYTES_PER_SECOND);
  }

  /** The size of all tables that a fingerprint would read, in bytes. */
  public long bytes() {
    try (DatabaseSession session =
        DatabaseSession.open(connections, database, "belay", cancellation)) {
      session.beginSnapshot(database.queryTimeout());
      return new CatalogReader(session, ignoredTables)
          .tables().stream().mapToLong(CatalogTable::bytes).sum();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private Fingerprint read(Predicate<String> hashed, Fingerprint before) {
    try (DatabaseSession session =
        DatabaseSession.open(connections, database, "belay", cancellation)) {
      // No time limit for a statement, since a table may be large; cancelling the step stops it.
      session.beginSnapshot(Duration.ZERO);
      CatalogReader catalog = new CatalogReader(session, ignoredTables);
      List<CatalogTable> found = catalog.tables();
      ContentHash content = new ContentHash(session);
      long total = found.stream().mapToLong(CatalogTable::bytes).sum();
      long done = 0;
      SortedMap<String, Table> tables = new TreeMap<>();
      for (CatalogTable table : found) {
        cancellation.throwIfCancelled();
        progress.report(done, total, "bytes", "table " + table.name());
        tables.put(table.name(), content(content, table, hashed, before));
        done += table.bytes();
      }
      progress.report(total, total, "bytes", found.size() + " tables read");
      SortedMap<String, String> objects = catalog.objects();
      return session.one(
          """
          SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                 pg_current_snapshot()::text,
                 coalesce((SELECT stats_reset::text FROM pg_stat_database
                           WHERE datname = current_database()), '')
          """,
          row ->
              new Fingerprint(
                  row.getString(1), row.getString(2), row.getString(3), tables, objects));
    } catch (SQLException e) {
      cancellation.throwIfCancelled();
      throw failed(e);
    }
  }

  private static Table content(
      ContentHash content, CatalogTable table, Predicate<String> hashed, Fingerprint before)
      throws SQLException {
    if (!hashed.test(table.name())) {
      return table.table();
    }
    return before == null
        ? content.of(table)
        : content.asOf(table, before.tables().get(table.name()), before.snapshot());
  }

  private TargetException failed(SQLException e) {
    return new TargetException(
        "the fingerprint of %s could not be read: %s. Nothing was changed; the step can be retried"
            .formatted(database.describe(), e.getMessage()),
        e);
  }
}
