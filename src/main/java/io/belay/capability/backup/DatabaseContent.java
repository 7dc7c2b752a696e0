package io.belay.capability.backup;

import io.belay.target.Cancellation;
import io.belay.target.Connections;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a database holds; backups are compared with it.
 *
 * @param tables exact row count by quoted, qualified name of every ordinary table (including
 *     partitions) that belongs to no extension
 * @param extensionTables how many configuration tables of extensions a dump also contains
 * @param publicSchema whether there is a schema {@code public}
 * @param fingerprint SHA-256 of the names and types of all objects and of the row counts; equal for
 *     a faithful copy. Excludes the texts of expressions: PostgreSQL may print them differently
 *     after a reload.
 * @param rights number and hash of all owners, grants and default privileges; equal for a faithful
 *     copy on the same server. {@link #UNKNOWN} if an older Belay has not recorded it.
 */
record DatabaseContent(
    SortedMap<String, Long> tables,
    int extensionTables,
    boolean publicSchema,
    String fingerprint,
    String rights) {

  static final String UNKNOWN = "";

  /** Restricts a query over {@code pg_class c join pg_namespace n} to user objects. */
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

  /**
   * One line for each owner and each right. Excludes what a dump leaves to the server: objects of
   * initdb and of extensions.
   */
  static final String RIGHTS =
      """
      with object(class, id, name, kind, owner, acl) as (
          select 'pg_class'::regclass, c.oid, format('%I.%I', n.nspname, c.relname),
            case c.relkind when 'S' then 's' else 'r' end, c.relowner, c.relacl
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and c.relpersistence <> 't'
        union all
          select 'pg_proc'::regclass, p.oid, p.oid::regprocedure::text, 'f', p.proowner, p.proacl
          from pg_proc p
        union all
          select 'pg_type'::regclass, t.oid, format('%I.%I', n.nspname, t.typname), 'T',
            t.typowner, t.typacl
          from pg_type t join pg_namespace n on n.oid = t.typnamespace
          where t.typcategory <> 'A' and (t.typrelid = 0 or exists (
            select from pg_class c where c.oid = t.typrelid and c.relkind = 'c'))
        union all
          select 'pg_namespace'::regclass, oid, quote_ident(nspname), 'n', nspowner, nspacl
          from pg_namespace where nspname !~ '^pg_(toast|temp)'
        union all
          select 'pg_language'::regclass, oid, quote_ident(lanname), 'l', lanowner, lanacl
          from pg_language
        union all
          select 'pg_foreign_data_wrapper'::regclass, oid, quote_ident(fdwname), 'F', fdwowner, fdwacl
          from pg_foreign_data_wrapper
        union all
          select 'pg_foreign_server'::regclass, oid, quote_ident(srvname), 'S', srvowner, srvacl
          from pg_foreign_server
        union all
          select 'pg_largeobject'::regclass, oid, oid::text, 'L', lomowner, lomacl
          from pg_largeobject_metadata),
        ours as (select * from object where (id >= 16384 or name = 'public' and kind = 'n')
          and not exists (select from pg_depend e
            where e.classid = class and e.objid = id and e.deptype = 'e'))
      select concat_ws(' ', 'owner', class, name, owner::regrole) as line from ours
      union all
      select concat_ws(' ', class, name, nullif(grantee, 0)::regrole, privilege_type, grantor::regrole,
        is_grantable)
      from ours cross join aclexplode(coalesce(acl, acldefault(kind::"char", owner)))
      union all
      select concat_ws(' ', name, quote_ident(attname), nullif(grantee, 0)::regrole, privilege_type,
        grantor::regrole, is_grantable)
      from ours join pg_attribute on class = 'pg_class'::regclass and attrelid = id
        and attnum > 0 and not attisdropped
      cross join aclexplode(attacl)
      union all
      select concat_ws(' ', 'default', defaclrole::regrole, nullif(defaclnamespace, 0)::regnamespace,
        defaclobjtype, nullif(grantee, 0)::regrole, privilege_type, grantor::regrole, is_grantable)
      from pg_default_acl cross join aclexplode(defaclacl)
      union all
      select concat_ws(' ', 'default', defaclrole::regrole, nullif(defaclnamespace, 0)::regnamespace,
        defaclobjtype)
      from pg_default_acl
      """;

  /** All of {@link #RIGHTS} in one value, independent of the encoding of the names. */
  static final String RIGHTS_HASH =
      "select count(*) || ':' || coalesce(sum(hashtextextended(line collate \"C\", 0)), 0) from ("
          + RIGHTS
          + ") rights";

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
   * Reads the content as the connection's transaction sees it; in a repeatable-read transaction it
   * is all of one moment.
   */
  static DatabaseContent of(Connection connection, Cancellation cancellation) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // qualified names and types everywhere, whatever the login's search_path says
      statement.execute("set local search_path = pg_catalog");
      statement.execute("set local row_security = off");
      statement.execute("set local quote_all_identifiers = off"); // names as pg_dump writes them
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
          fingerprint(structure, tables),
          string(statement, RIGHTS_HASH));
    }
  }

  long rows() {
    return tables.values().stream().mapToLong(Long::longValue).sum();
  }

  /** How a copy differs from this, for people; empty when it is faithful. */
  Optional<String> difference(DatabaseContent copy) {
    TreeMap<String, Long> missing = new TreeMap<>(tables);
    missing.entrySet().removeAll(copy.tables.entrySet());
    if (!missing.isEmpty()) {
      String table = missing.firstKey();
      return Optional.of(
          "%d tables differ, the first is %s with %s rows instead of %d"
              .formatted(missing.size(), table, copy.tables.get(table), missing.get(table)));
    }
    if (!copy.fingerprint.equals(fingerprint)) {
      return Optional.of("there are other tables, columns, indexes or functions");
    }
    return rights.equals(UNKNOWN) || copy.rights.equals(rights)
        ? Optional.empty()
        : Optional.of("there are other owners, grants or default privileges");
  }

  private static long count(Connection connection, String table, Cancellation cancellation)
      throws SQLException {
    AutoCloseable registration = cancellation.onCancel(() -> Connections.interrupt(connection));
    try (Statement statement = connection.createStatement()) {
      Savepoint before = connection.setSavepoint();
      long rows = number(statement, "select count(*) from only " + table);
      connection.rollback(before); // releases the locks on the table and its indexes
      return rows;
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
    return Long.parseLong(string(statement, sql));
  }

  private static String string(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
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
