package io.belay.backup;

import io.belay.target.Cancellation;
import io.belay.target.Connections;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a database holds, as its backup is measured against it.
 *
 * @param tables exact row count by quoted, qualified name, of every ordinary table (also
 *     partitions) that belongs to no extension
 * @param extensionTables how many configuration tables of extensions a dump carries besides
 * @param publicSchema whether there is a schema {@code public}
 * @param fingerprint SHA-256 over the names and types of all objects and over the row counts; equal
 *     for a faithful copy. Texts of expressions are left out: PostgreSQL may print them differently
 *     after a reload.
 */
record DatabaseContent(
    SortedMap<String, Long> tables, int extensionTables, boolean publicSchema, String fingerprint) {

  /** Restricts a query over {@code pg_class c join pg_namespace n} to what people made. */
  static final String OURS =
      """
      n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relpersistence <> 't'
      and not exists (select from pg_depend e
        where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
      """;

  private static final String TABLES =
      """
      select format('%I.%I', n.nspname, c.relname)
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and
      """
          + OURS;

  private static final String EXTENSION_TABLES =
      """
      select count(*) from pg_extension x
      join lateral unnest(x.extconfig) as t(id) on true
      join pg_class c on c.oid = t.id and c.relkind = 'r'
      """;

  private static final String STRUCTURE =
      """
      with c as (select c.*, n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where %s)
      select format('relation %%s %%I.%%I', relkind, nspname, relname) from c
      union all
      select format('column %%s %%I.%%I.%%I %%s %%s',
        row_number() over (partition by a.attrelid order by a.attnum),
        nspname, relname, attname, format_type(atttypid, atttypmod), attnotnull)
      from c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      union all
      select format('constraint %%I.%%I %%I %%s', nspname, relname, conname, contype)
      from c join pg_constraint k on k.conrelid = c.oid
      union all
      select format('trigger %%I.%%I %%I', nspname, relname, tgname)
      from c join pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal
      union all
      select format('function %%I.%%I(%%s)', n.nspname, p.proname,
        pg_get_function_identity_arguments(p.oid))
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and not exists (select from pg_depend e
          where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e')
      union all
      select format('label %%I.%%I %%s %%L', n.nspname, t.typname,
        row_number() over (partition by t.oid order by e.enumsortorder), e.enumlabel)
      from pg_enum e join pg_type t on t.oid = e.enumtypid join pg_namespace n on n.oid = t.typnamespace
      union all
      select format('schema %%I', nspname) from pg_namespace
      where nspname !~ '^pg_' and nspname <> 'information_schema'
      """
          .formatted(OURS);

  /**
   * Reads the content as the connection's transaction sees it; in a repeatable-read transaction all
   * of it belongs to one moment.
   */
  static DatabaseContent of(Connection connection, Cancellation cancellation) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // qualified names and types everywhere, whatever the login's search_path says
      statement.execute("set local search_path = pg_catalog");
      statement.execute("set local row_security = off");
      SortedMap<String, Long> tables = new TreeMap<>();
      for (String table : strings(statement, TABLES)) {
        cancellation.throwIfCancelled();
        tables.put(table, count(connection, table, cancellation));
      }
      int extensionTables = (int) number(statement, EXTENSION_TABLES);
      SortedSet<String> structure = strings(statement, STRUCTURE);
      return new DatabaseContent(
          tables,
          extensionTables,
          structure.contains("schema public"),
          fingerprint(structure, tables));
    }
  }

  long rows() {
    return tables.values().stream().mapToLong(Long::longValue).sum();
  }

  /** What a copy of this lacks or has besides, for people; empty when it is faithful. */
  Optional<String> difference(DatabaseContent copy) {
    TreeMap<String, Long> missing = new TreeMap<>(tables);
    missing.entrySet().removeAll(copy.tables.entrySet());
    if (!missing.isEmpty()) {
      String table = missing.firstKey();
      return Optional.of(
          "%d tables differ, the first is %s with %s rows instead of %d"
              .formatted(missing.size(), table, copy.tables.get(table), missing.get(table)));
    }
    return copy.fingerprint.equals(fingerprint)
        ? Optional.empty()
        : Optional.of("there are other tables, columns, indexes or functions");
  }

  private static long count(Connection connection, String table, Cancellation cancellation)
      throws SQLException {
    AutoCloseable registration = cancellation.onCancel(() -> Connections.interrupt(connection));
    try (Statement statement = connection.createStatement()) {
      return number(statement, "select count(*) from only " + table);
    } catch (SQLException e) {
      cancellation.throwIfCancelled();
      throw e;
    } finally {
      close(registration);
    }
  }

  private static void close(AutoCloseable registration) {
    try {
      registration.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static SortedSet<String> strings(Statement statement, String sql) throws SQLException {
    SortedSet<String> strings = new TreeSet<>();
    try (ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        strings.add(rows.getString(1));
      }
    }
    return strings;
  }

  private static long number(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static String fingerprint(SortedSet<String> structure, SortedMap<String, Long> tables) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      structure.forEach(line -> sha256.update((line + "\n").getBytes(StandardCharsets.UTF_8)));
      tables.forEach(
          (table, rows) ->
              sha256.update((table + "=" + rows + "\n").getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
