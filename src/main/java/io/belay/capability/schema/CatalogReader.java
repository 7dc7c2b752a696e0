package io.belay.capability.schema;

import io.belay.capability.schema.Fingerprint.Column;
import io.belay.capability.schema.Fingerprint.Table;
import io.belay.capability.schema.Fingerprint.Writes;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads the schema from PostgreSQL's catalog, inside the session's snapshot. */
final class CatalogReader {

  private static final String USER_SCHEMA =
      "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'";

  /** The plain name in {@code public}, else with the schema. */
  private static final String TABLE_NAME =
      "CASE WHEN n.nspname = 'public' THEN '' ELSE n.nspname || '.' END || c.relname";

  private static final String TABLES =
      """
      SELECT %1$s, c.oid, c.oid::regclass::text, c.relkind::text,
             pg_table_size(c.oid), s.n_tup_ins, s.n_tup_upd, s.n_tup_del, c.relname,
             array(SELECT a.attname::text FROM pg_attribute a
                   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND %2$s ORDER BY 1
      """
          .formatted(TABLE_NAME, USER_SCHEMA);

  private static final String COLUMNS =
      """
      SELECT a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
             concat_ws(' ', CASE a.attidentity WHEN 'a' THEN 'identity always'
                                               WHEN 'd' THEN 'identity by default' END,
                       CASE a.attgenerated WHEN 's' THEN 'generated' END,
                       pg_get_expr(d.adbin, d.adrelid)),
             row_number() OVER (ORDER BY a.attnum),
             coalesce(a.attnum = ANY (i.indkey::int2[]), false),
             coalesce(a.atttypid IN (20, 21, 23) AND i.indkey::text = a.attnum::text, false)
      FROM pg_attribute a
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
      WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
      """;

  private static final String DETAILS =
      """
      SELECT 'constraint ' || conname, pg_get_constraintdef(oid)
      FROM pg_constraint WHERE conrelid = ?
      UNION ALL
      SELECT 'index ' || c.relname, pg_get_indexdef(i.indexrelid)
             || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE i.indrelid = ?
      UNION ALL
      SELECT 'trigger ' || tgname, pg_get_triggerdef(oid)
      FROM pg_trigger WHERE tgrelid = ? AND NOT tgisinternal
      """;

  /** The sequences that fill columns of the tables with these object ids. */
  private static final String OWNED_SEQUENCES =
      """
      SELECT 'sequence ' || %s
      FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
        AND d.deptype IN ('a', 'i') AND d.refobjid = ?
      """
          .formatted(TABLE_NAME);

  private static final String OBJECTS =
      """
      SELECT 'schema ' || n.nspname, '' FROM pg_namespace n WHERE %2$s
      UNION ALL
      SELECT 'extension ' || extname, extversion FROM pg_extension
      UNION ALL
      SELECT CASE c.relkind WHEN 'v' THEN 'view ' ELSE 'materialized view ' END || %1$s,
             pg_get_viewdef(c.oid)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('v', 'm') AND %2$s
      UNION ALL
      SELECT 'sequence ' || CASE WHEN n.schemaname = 'public' THEN '' ELSE n.schemaname || '.' END
             || n.sequencename, coalesce(n.last_value::text, 'unused')
      FROM pg_sequences n
      UNION ALL
      SELECT 'function ' || regexp_replace(p.oid::regprocedure::text, '^public\\.', ''),
             CASE WHEN p.prokind = 'a' THEN 'aggregate' ELSE md5(pg_get_functiondef(p.oid)) END
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE %2$s AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid
        AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')
      UNION ALL
      SELECT 'type ' || regexp_replace(t.oid::regtype::text, '^public\\.', ''),
             CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod)
             ELSE (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder)
                   FROM pg_enum e WHERE e.enumtypid = t.oid) END
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE t.typtype IN ('d', 'e') AND %2$s
      """
          .formatted(TABLE_NAME, USER_SCHEMA);

  /**
   * A table as in the catalog, its content not yet read.
   *
   * @param name as shown to people
   * @param sqlName quoted and qualified
   * @param content whether it holds rows (a partitioned parent has none)
   * @param bytes size on disk
   * @param integerKey whether the key is one integer column
   */
  record CatalogTable(
      String name, String sqlName, boolean content, long bytes, boolean integerKey, Table table) {}

  private record Entry(
      String name,
      long oid,
      String sqlName,
      boolean content,
      long bytes,
      Writes writes,
      boolean ignored) {}

  private record Attribute(String name, Column column, boolean key, boolean integerKey) {}

  private record Line(String name, String definition) {}

  private final DatabaseSession session;
  private final Collection<String> ignored;

  /**
   * @param ignored names of tables to leave out, beside the migration tools' own ({@link
   *     VersionTables})
   */
  CatalogReader(DatabaseSession session, Collection<String> ignored) {
    this.session = session;
    this.ignored = ignored;
  }

  private List<Entry> entries() throws SQLException {
    return session.query(
        TABLES,
        row ->
            new Entry(
                row.getString(1),
                row.getLong(2),
                row.getString(3),
                row.getString(4).equals("r"),
                row.getLong(5),
                row.getObject(6) == null
                    ? null
                    : new Writes(row.getLong(6), row.getLong(7), row.getLong(8)),
                ignored.contains(row.getString(1))
                    || VersionTables.contain(
                        row.getString(9), List.of((String[]) row.getArray(10).getArray()))));
  }

  List<CatalogTable> tables() throws SQLException {
    List<CatalogTable> tables = new ArrayList<>();
    for (Entry entry : entries()) {
      if (!entry.ignored()) {
        tables.add(read(entry));
      }
    }
    return tables;
  }

  private CatalogTable read(Entry entry) throws SQLException {
    List<Attribute> attributes = session.query(COLUMNS, CatalogReader::attribute, entry.oid());
    SortedMap<String, Column> columns = new TreeMap<>();
    attributes.forEach(attribute -> columns.put(attribute.name(), attribute.column()));
    List<String> key =
        attributes.stream().filter(Attribute::key).map(Attribute::name).sorted().toList();
    SortedMap<String, String> details =
        sorted(session.query(DETAILS, CatalogReader::line, entry.oid(), entry.oid(), entry.oid()));
    return new CatalogTable(
        entry.name(),
        entry.sqlName(),
        entry.content(),
        entry.bytes(),
        attributes.stream().anyMatch(Attribute::integerKey),
        new Table(
            0,
            key.isEmpty() ? List.copyOf(columns.keySet()) : key,
            null,
            columns,
            details,
            entry.writes()));
  }

  /** Without sequences of tables that are left out. */
  SortedMap<String, String> objects() throws SQLException {
    SortedMap<String, String> objects = sorted(session.query(OBJECTS, CatalogReader::line));
    for (Entry entry : entries()) {
      if (entry.ignored()) {
        session
            .query(OWNED_SEQUENCES, row -> row.getString(1), entry.oid())
            .forEach(objects::remove);
      }
    }
    return objects;
  }

  private static Attribute attribute(ResultSet row) throws SQLException {
    return new Attribute(
        row.getString(1),
        new Column(row.getInt(5), row.getString(2), row.getBoolean(3), row.getString(4), null),
        row.getBoolean(6),
        row.getBoolean(7));
  }

  private static Line line(ResultSet row) throws SQLException {
    return new Line(row.getString(1), row.getString(2));
  }

  private static SortedMap<String, String> sorted(List<Line> lines) {
    SortedMap<String, String> map = new TreeMap<>();
    lines.forEach(line -> map.put(line.name(), line.definition() == null ? "" : line.definition()));
    return map;
  }
}
