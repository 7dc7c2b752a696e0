package io.belay.capability.schema;

import io.belay.capability.schema.CatalogReader.CatalogTable;
import io.belay.capability.schema.Fingerprint.Table;
import io.belay.capability.schema.Fingerprint.Writes;
import io.belay.target.Cancellation;
import io.belay.target.Connections;
import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Rows written since a fingerprint, which restoring that state would lose. Found in the rows
 * themselves: each contains the transaction that wrote it, and the fingerprint records which
 * transactions it saw. What a row does not show (inserted or updated, without an ascending key)
 * comes from the server's statistics; the report says if these were reset meanwhile.
 *
 * <p>Writes of the migration itself count too; the count is never too low.
 */
final class LostWrites {

  /**
   * One table's loss.
   *
   * @param rows number inserted, updated or deleted; a lower bound when {@code text} says "at
   *     least"
   */
  record Loss(String table, long rows, String text) {}

  private record Counts(long all, long written, long beyondKey) {}

  private final Connections connections;
  private final PostgresTarget database;
  private final List<String> ignoredTables;
  private final Cancellation cancellation;

  LostWrites(
      Connections connections,
      PostgresTarget database,
      List<String> ignoredTables,
      Cancellation cancellation) {
    this.connections = connections;
    this.database = database;
    this.ignoredTables = ignoredTables;
    this.cancellation = cancellation;
  }

  /** Every table with a loss, the largest loss first. */
  List<Loss> since(Fingerprint before) {
    try (DatabaseSession session =
        DatabaseSession.open(connections, database, "belay", cancellation)) {
      session.beginSnapshot(Duration.ZERO);
      String reset =
          session.one(
              "SELECT coalesce(stats_reset::text, '') FROM pg_stat_database WHERE datname = current_database()",
              row -> row.getString(1));
      List<Loss> losses = new ArrayList<>();
      for (CatalogTable table : new CatalogReader(session, ignoredTables).tables()) {
        cancellation.throwIfCancelled();
        if (table.content()) {
          losses.add(loss(session, table, before, reset.equals(before.statisticsReset())));
        }
      }
      before.tables().forEach((name, table) -> gone(name, table, losses));
      return losses.stream()
          .filter(loss -> loss.rows() > 0)
          .sorted(Comparator.comparingLong(Loss::rows).reversed())
          .toList();
    } catch (SQLException e) {
      cancellation.throwIfCancelled();
      throw new TargetException(
          "the rows written since the fingerprint of %s could not be counted on %s: %s. Nothing was changed; retry before anything is restored"
              .formatted(before.takenAt(), database.describe(), e.getMessage()),
          e);
    }
  }

  private static void gone(String name, Table before, List<Loss> losses) {
    if (losses.stream().noneMatch(loss -> loss.table().equals(name)) && before.rows() > 0) {
      losses.add(
          new Loss(
              name, before.rows(), "the table is gone; it had %d rows".formatted(before.rows())));
    }
  }

  private static Loss loss(
      DatabaseSession session, CatalogTable table, Fingerprint before, boolean statisticsKept)
      throws SQLException {
    Table old = before.tables().get(table.name());
    Counts now = counts(session, table, old, before.snapshot());
    if (old == null) {
      return new Loss(table.name(), now.all(), now.all() + " rows in a table that is new since");
    }
    // Earlier rows that are no longer as they were: updated or deleted since.
    long touched = old.rows() - (now.all() - now.written());
    if (old.keyMax() != null) {
      long inserted = now.beyondKey();
      long updated = now.written() - inserted;
      return loss(table.name(), inserted, updated, Math.max(0, touched - updated));
    }
    long proven = Math.max(now.written(), touched);
    Writes counted = statisticsKept ? difference(old.writes(), table.table().writes()) : null;
    if (counted != null && counted.inserted() + counted.updated() + counted.deleted() >= proven) {
      return loss(table.name(), counted.inserted(), counted.updated(), counted.deleted());
    }
    return new Loss(
        table.name(),
        proven,
        "at least %d rows, the exact number is unknown (%s)"
            .formatted(
                proven,
                counted == null
                    ? "the server's statistics were reset since"
                    : "the server's statistics lag behind"));
  }

  private static Loss loss(String table, long inserted, long updated, long deleted) {
    return new Loss(
        table,
        inserted + updated + deleted,
        "%d inserted, %d updated, %d deleted".formatted(inserted, updated, deleted));
  }

  /** Null when the counters cannot be compared: not kept, or reset. */
  private static Writes difference(Writes before, Writes now) {
    if (before == null
        || now == null
        || now.inserted() < before.inserted()
        || now.updated() < before.updated()
        || now.deleted() < before.deleted()) {
      return null;
    }
    return new Writes(
        now.inserted() - before.inserted(),
        now.updated() - before.updated(),
        now.deleted() - before.deleted());
  }

  private static Counts counts(
      DatabaseSession session, CatalogTable table, Table old, String snapshot) throws SQLException {
    String written = WrittenSince.condition(snapshot);
    String beyond =
        old == null || old.keyMax() == null
            ? "false"
            : "%s AND %s > %d"
                .formatted(written, ContentHash.quoted(old.key().get(0)), old.keyMax());
    return session.one(
        "SELECT count(*), count(*) FILTER (WHERE %s), count(*) FILTER (WHERE %s) FROM ONLY %s"
            .formatted(written, beyond, table.sqlName()),
        row -> new Counts(row.getLong(1), row.getLong(2), row.getLong(3)));
  }
}
