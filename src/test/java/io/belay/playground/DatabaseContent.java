package io.belay.playground;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads schema and content of one database, object by object. */
final class DatabaseContent {

  /** Everything but the bookkeeping of the migration tool, unless that says that something ran. */
  private static final String RELATIONS =
      """
      SELECT c.oid, format('%I.%I', n.nspname, c.relname), c.relkind::text
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
      """;

  private static final String COLUMNS =
      """
      SELECT string_agg(format('%%s %%s%%s%%s%%s', attname, format_type(atttypid, atttypmod),
               CASE WHEN attnotnull THEN ' not null' ELSE '' END,
               CASE WHEN attidentity <> '' THEN ' identity ' || attidentity::text ELSE '' END,
               coalesce(' default ' || pg_get_expr(adbin, adrelid), '')), ', ' ORDER BY attnum)
      FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
      WHERE attrelid = %d AND attnum > 0 AND NOT attisdropped
      """;

  /**
   * Casts and brackets of a constraint do not count: what is dumped and read again is printed with
   * others than before.
   */
  private static final String DEPENDENTS =
      """
      SELECT string_agg(line, '; ' ORDER BY line) FROM (
        SELECT pg_get_indexdef(indexrelid) || CASE WHEN indisvalid THEN '' ELSE ' INVALID' END AS line
        FROM pg_index WHERE indrelid = %1$d
        UNION ALL SELECT conname || ' ' || regexp_replace(pg_get_constraintdef(oid),
            '::(character varying|text)(\\[\\])?|[()]', '', 'g')
        FROM pg_constraint WHERE conrelid = %1$d
        UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %1$d AND NOT tgisinternal
        UNION ALL SELECT 'owner ' || pg_get_userbyid(relowner) || coalesce(' grants ' || relacl::text, '')
        FROM pg_class WHERE oid = %1$d) AS lines
      """;

  private static final String CONTENT =
      "SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(md5(whole_row::text), ',' ORDER BY"
          + " md5(whole_row::text))), '') FROM %s AS whole_row";

  private static final String FUNCTIONS =
      """
      SELECT coalesce(string_agg(pg_get_functiondef(p.oid), '; ' ORDER BY p.oid::regprocedure::text), '')
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.prokind IN ('f', 'p')
      """;

  private static final String SCHEMAS =
      """
      SELECT string_agg(nspname, ', ' ORDER BY nspname) FROM pg_namespace
      WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
      """;

  private record Relation(long id, String name, String kind) {}

  private DatabaseContent() {}

  static SortedMap<String, String> describe(Connection connection) throws SQLException {
    SortedMap<String, String> facts = new TreeMap<>();
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      facts.put("schemas", text(statement, SCHEMAS));
      facts.put("functions", text(statement, FUNCTIONS));
      for (Relation relation : relations(statement)) {
        if (!isIdleBookkeeping(statement, relation)) {
          describe(statement, relation, facts);
        }
      }
    }
    return facts;
  }

  private static void describe(
      Statement statement, Relation relation, SortedMap<String, String> facts) throws SQLException {
    String name = relation.name();
    switch (relation.kind()) {
      case "S" ->
          facts.put(
              "sequence " + name,
              text(statement, "SELECT last_value || ' called ' || is_called FROM " + name));
      case "v", "m" ->
          facts.put(
              "view " + name, text(statement, "SELECT pg_get_viewdef(" + relation.id() + ")"));
      default -> {
        facts.put("table " + name, text(statement, COLUMNS.formatted(relation.id())));
        facts.put("around " + name, text(statement, DEPENDENTS.formatted(relation.id())));
        facts.put("content " + name, text(statement, CONTENT.formatted(name)));
      }
    }
  }

  /** Liquibase keeps its two tables after a full rollback; empty and unlocked they mean nothing. */
  private static boolean isIdleBookkeeping(Statement statement, Relation relation)
      throws SQLException {
    return switch (relation.name()) {
      case "public.databasechangelog" ->
          text(statement, "SELECT count(*) FROM databasechangelog").equals("0");
      case "public.databasechangeloglock" ->
          text(statement, "SELECT count(*) FROM databasechangeloglock WHERE locked").equals("0");
      default -> false;
    };
  }

  private static List<Relation> relations(Statement statement) throws SQLException {
    List<Relation> relations = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery(RELATIONS)) {
      while (rows.next()) {
        relations.add(new Relation(rows.getLong(1), rows.getString(2), rows.getString(3)));
      }
    }
    return relations;
  }

  private static String text(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return String.valueOf(rows.getString(1));
    }
  }
}
