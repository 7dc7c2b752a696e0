package io.belay.capability.schema;

import io.belay.capability.schema.CatalogReader.CatalogTable;
import io.belay.capability.schema.Fingerprint.Column;
import io.belay.capability.schema.Fingerprint.Table;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Hashes the content of a table, column by column, in one scan on the server.
 *
 * <p>Each value is hashed as text (two numbers 0.5 and 0.50 are different content, though SQL calls
 * them equal), with NULL distinct from the empty string, under a seed that is itself the hash of
 * the row's key under the column's seed. This binds a value to its row and its column: it detects
 * values swapped between two rows, which plain sums of hashes miss. The hashes of a column are
 * added up exactly, without overflow, and the rows are counted.
 */
final class ContentHash {

  private final DatabaseSession session;

  ContentHash(DatabaseSession session) {
    this.session = session;
  }

  /** The table with its count and hashes filled in. */
  Table of(CatalogTable found) throws SQLException {
    return read(
        found,
        found.table().key(),
        List.copyOf(found.table().columns().keySet()),
        found.integerKey(),
        "");
  }

  /**
   * As {@link #of}, restricted to what an earlier fingerprint contained: its columns, its key, and
   * its rows, so that rows which the application added meanwhile do not affect the comparison. The
   * earlier rows are those that nobody wrote since, if their number matches; else, if the key is
   * one integer column, those up to the highest key of that time; else all. Omits columns that are
   * gone.
   */
  Table asOf(CatalogTable found, Table before, String snapshot) throws SQLException {
    if (!found.table().columns().keySet().containsAll(before.key())) {
      return of(found);
    }
    List<String> columns = new ArrayList<>(before.columns().keySet());
    columns.retainAll(found.table().columns().keySet());
    boolean integerKey = before.keyMax() != null;
    String unwritten = " WHERE NOT " + WrittenSince.condition(snapshot);
    Table kept = read(found, before.key(), columns, integerKey, unwritten);
    if (kept.rows() == before.rows()) {
      return kept;
    }
    String upTo =
        integerKey ? " WHERE %s <= %d".formatted(quoted(before.key().get(0)), before.keyMax()) : "";
    return read(found, before.key(), columns, integerKey, upTo);
  }

  private Table read(
      CatalogTable found, List<String> key, List<String> columns, boolean integerKey, String where)
      throws SQLException {
    if (!found.content()) {
      return found.table();
    }
    return session.one(
        sql(found.sqlName(), key, columns, integerKey, where),
        row -> {
          Map<String, String> hashes = new HashMap<>();
          for (int i = 0; i < columns.size(); i++) {
            hashes.put(columns.get(i), row.getString(3 + i));
          }
          long keyMax = row.getLong(2);
          return filled(found.table(), row.getLong(1), key, integerKey ? keyMax : null, hashes);
        });
  }

  private static Table filled(
      Table table, long rows, List<String> key, Long keyMax, Map<String, String> hashes) {
    SortedMap<String, Column> columns = new TreeMap<>();
    table
        .columns()
        .forEach(
            (name, c) ->
                columns.put(
                    name,
                    new Column(
                        c.position(), c.type(), c.nullable(), c.definition(), hashes.get(name))));
    return new Table(rows, key, keyMax, columns, table.details(), table.writes());
  }

  private static String sql(
      String table, List<String> key, List<String> columns, boolean integerKey, String where) {
    StringBuilder identity = new StringBuilder("0::bigint");
    for (String column : key) {
      identity.insert(0, "hashtextextended(" + text(column) + ", ").append(")");
    }
    StringBuilder sums = new StringBuilder();
    for (String column : columns) {
      // The seed depends on the column's name, not on its position, which another column may shift.
      sums.append(
          ", coalesce(sum(hashtextextended(%s, belay_row # hashtextextended(%s, 0))), 0)::text"
              .formatted(text(column), literal(column)));
    }
    String max =
        integerKey ? "coalesce(max(%s), %d)".formatted(quoted(key.get(0)), Long.MIN_VALUE) : "0";
    // Without the fence the planner would compute a long identity again for each column.
    String fence = key.size() > 2 ? " OFFSET 0" : "";
    return """
        SELECT count(*), %s%s
        FROM (SELECT belay_t.*, %s AS belay_row FROM ONLY %s AS belay_t%s%s) AS belay_rows
        """
        .formatted(max, sums, identity, table, where, fence);
  }

  /** A value as text in which NULL and the empty string differ, collated by bytes. */
  private static String text(String column) {
    return "coalesce('V' || %s::text, 'N') COLLATE \"C\"".formatted(quoted(column));
  }

  static String quoted(String column) {
    return '"' + column.replace("\"", "\"\"") + '"';
  }

  private static String literal(String value) {
    return "'" + value.replace("'", "''") + "'";
  }
}
