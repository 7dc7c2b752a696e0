package io.belay.capability.backfill;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the server says of a table before it is backfilled. Changes nothing.
 *
 * @param key columns by which a row is known, in the order of their index
 * @param keyTypes their types, as SQL names them
 * @param rows an estimate; 0 when the server has none
 * @param triggers definitions of those that an update fires
 * @param problems why the table cannot be backfilled so; empty when it can
 */
record TableInspection(
    String schema,
    String table,
    List<String> key,
    List<String> keyTypes,
    long rows,
    List<String> triggers,
    List<String> problems) {

  private static final String TABLE =
      """
      SELECT n.nspname, c.relname, greatest(c.reltuples, 0)::bigint,
        c.relkind IN ('r', 'p'),
        c.relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid),
        pg_catalog.row_security_active(c.oid),
        pg_catalog.has_schema_privilege(n.oid, 'CREATE'),
        EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type = '2'),
        (SELECT string_agg(p.pubname, ', ') FROM pg_catalog.pg_publication p WHERE p.puballtables)
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = pg_catalog.to_regclass(?)
      """;

  private static final String KEYS =
      """
      SELECT array_agg(a.attname::text ORDER BY k.number),
        array_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) ORDER BY k.number)
      FROM pg_catalog.pg_index i
        CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, number)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
      WHERE i.indrelid = pg_catalog.to_regclass(?) AND k.number <= i.indnkeyatts
        AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
      GROUP BY i.indexrelid, i.indisprimary HAVING bool_and(a.attnotnull)
      ORDER BY i.indisprimary DESC, i.indexrelid
      """;

  private static final String COLUMNS =
      """
      SELECT a.attname, a.attgenerated <> '' OR a.attidentity = 'a',
        EXISTS (SELECT FROM pg_catalog.pg_constraint f WHERE f.confrelid = a.attrelid AND f.contype = 'f'
          AND a.attnum = ANY (f.confkey) AND f.confupdtype IN ('c', 'n', 'd'))
      FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = pg_catalog.to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped
      """;

  private static final String TRIGGERS =
      """
      SELECT DISTINCT ON (t.tgname) pg_catalog.pg_get_triggerdef(t.oid) FROM pg_catalog.pg_trigger t
      WHERE (t.tgrelid = pg_catalog.to_regclass($1) OR t.tgrelid IN
          (SELECT p.relid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass($1)) p))
        AND NOT t.tgisinternal AND (t.tgtype & 16) <> 0 AND t.tgenabled IN ('O', 'A')
      ORDER BY t.tgname
      """;

  /**
   * @param names of the table, with its schema or without
   * @param wantedKey columns of the key; empty for the primary key
   * @param condition ready for a prepared statement
   */
  static TableInspection of(
      Connection connection,
      List<String> names,
      List<String> wantedKey,
      List<ColumnValue> set,
      String condition)
      throws SQLException {
    String name = names.stream().map(SqlText::quoted).collect(Collectors.joining("."));
    List<String> problems = new ArrayList<>();
    try (PreparedStatement ask = ask(connection, TABLE, name);
        ResultSet row = ask.executeQuery()) {
      if (!row.next()) {
        return new TableInspection(
            "", name, List.of(), List.of(), 0, List.of(), List.of("there is no table " + name));
      }
      refuse(row, problems);
      List<List<String>> key = key(connection, name, wantedKey, problems);
      refuseColumns(connection, name, key.get(0), set, problems);
      refuseStatement(connection, name, set, condition, problems);
      return new TableInspection(
          row.getString(1),
          row.getString(2),
          key.get(0),
          key.get(1),
          row.getLong(3),
          triggers(connection, name),
          List.copyOf(problems));
    }
  }

  private static PreparedStatement ask(Connection connection, String sql, String name)
      throws SQLException {
    PreparedStatement ask = connection.prepareStatement(sql);
    ask.setString(1, name);
    return ask;
  }

  private static void refuse(ResultSet row, List<String> problems) throws SQLException {
    if (!row.getBoolean(4)) {
      problems.add("it is no table (a view, or a foreign table)");
    }
    if (row.getBoolean(5)) {
      problems.add("other tables inherit from it, whose rows its key does not cover");
    }
    if (row.getBoolean(6)) {
      problems.add("row security hides rows from this login; use one with BYPASSRLS, or the owner");
    }
    if (!row.getBoolean(7)) {
      problems.add(
          "this login may not create the table for the previous values: grant CREATE on schema "
              + row.getString(1));
    }
    if (row.getBoolean(8)) {
      problems.add("a rule does something else instead of an update");
    }
    if (row.getString(9) != null) {
      problems.add(
          "publication %s publishes all tables, so also the one with the previous values, and a subscriber without it stops; publish the tables by name"
              .formatted(row.getString(9)));
    }
  }

  /** The columns and their types; both empty when there is no such key. */
  private static List<List<String>> key(
      Connection connection, String name, List<String> wanted, List<String> problems)
      throws SQLException {
    try (PreparedStatement ask = ask(connection, KEYS, name);
        ResultSet row = ask.executeQuery()) {
      while (row.next()) {
        List<String> columns = BackfillSession.texts(row, 1);
        if (wanted.isEmpty() || new TreeSet<>(wanted).equals(new TreeSet<>(columns))) {
          return List.of(columns, BackfillSession.texts(row, 2));
        }
      }
    }
    problems.add(
        wanted.isEmpty()
            ? "it has no primary key and no other unique index on columns that are NOT NULL"
            : "'key': there is no unique index on exactly %s, all NOT NULL, that is neither partial nor deferrable"
                .formatted(wanted));
    return List.of(List.of(), List.of());
  }

  private static void refuseColumns(
      Connection connection,
      String name,
      List<String> key,
      List<ColumnValue> set,
      List<String> problems)
      throws SQLException {
    List<String> assigned = set.stream().map(ColumnValue::column).toList();
    try (PreparedStatement ask = ask(connection, COLUMNS, name);
        ResultSet row = ask.executeQuery()) {
      while (row.next()) {
        String column = row.getString(1);
        if (!assigned.contains(column)) {
          continue;
        }
        if (key.contains(column)) {
          problems.add("'set' assigns '%s', which is part of the key".formatted(column));
        }
        if (row.getBoolean(2)) {
          problems.add("'set' assigns '%s', which the server generates".formatted(column));
        }
        if (row.getBoolean(3)) {
          problems.add(
              "'set' assigns '%s', which rows of other tables follow by foreign key; they would not be taken back"
                  .formatted(column));
        }
      }
    }
  }

  /** The server reads the statement, and says whether this login may execute it. */
  private static void refuseStatement(
      Connection connection,
      String name,
      List<ColumnValue> set,
      String condition,
      List<String> problems)
      throws SQLException {
    String update = "EXPLAIN " + statement(name, set, condition);
    boolean alone = connection.getAutoCommit();
    connection.setAutoCommit(false);
    var before = connection.setSavepoint();
    try (PreparedStatement explain = connection.prepareStatement(update)) {
      explain.executeQuery().close();
    } catch (SQLException e) {
      if (!String.valueOf(e.getSQLState()).matches("(0A|22|42).*")) {
        throw e;
      }
      problems.add("the server refuses 'set' or 'condition': " + e.getMessage());
    } finally {
      connection.rollback(before);
      connection.setAutoCommit(alone);
    }
  }

  /** What is executed, batch by batch. */
  static String statement(String table, List<ColumnValue> set, String condition) {
    return "UPDATE %s SET %s WHERE (%s)"
        .formatted(
            table, set.stream().map(ColumnValue::sql).collect(Collectors.joining(", ")), condition);
  }

  private static List<String> triggers(Connection connection, String name) throws SQLException {
    List<String> triggers = new ArrayList<>();
    try (Statement ask = connection.createStatement();
        ResultSet row = ask.executeQuery(TRIGGERS.replace("$1", SqlText.constant(name)))) {
      while (row.next()) {
        triggers.add(row.getString(1));
      }
    }
    return triggers;
  }
}
