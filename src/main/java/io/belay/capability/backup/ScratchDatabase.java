package io.belay.capability.backup;

import io.belay.target.PostgresTarget;
import io.belay.target.ServerWatch;
import io.belay.target.TargetException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.Locale;

/**
 * A database that only Belay uses, beside another on the same server, with the same encoding and
 * locale. Needs the right to create databases. Its name is the same in all attempts of a step, so
 * that the next one finds what a killed one left.
 */
final class ScratchDatabase {

  private static final int LONGEST_NAME = 63;

  /** The columns for the locale provider differ between versions of the server. */
  private static final String CREATE =
      """
      select format('create database %%I template template0 encoding %%L lc_collate %%L lc_ctype %%L',
        '%s', pg_encoding_to_char(encoding), datcollate, datctype)
        || case j->>'datlocprovider'
          when 'c' then ' locale_provider libc'
          when 'i' then ' locale_provider icu'
            || ' icu_locale ' || quote_literal(coalesce(j->>'datlocale', j->>'daticulocale'))
            || coalesce(' icu_rules ' || quote_literal(j->>'daticurules'), '')
          when 'b' then ' locale_provider builtin builtin_locale ' || quote_literal(j->>'datlocale')
          else '' end
      from pg_database d cross join lateral to_jsonb(d) j where datname = current_database()
      """;

  private static final String PLACE =
      """
      select format(' owner %I', pg_get_userbyid(datdba))
        || case spcname when 'pg_default' then '' else format(' tablespace %I', spcname) end
      from pg_database d join pg_tablespace t on t.oid = d.dattablespace
      where datname = current_database()
      """;

  /** Ends the sessions that the login may end; of any others the server tells when it refuses. */
  private static final String END_SESSIONS =
      """
      select count(pg_terminate_backend(pid)) from pg_stat_activity a join pg_roles r on r.oid = usesysid
      where datname = '%s' and backend_type = 'client backend' and (pg_has_role(usesysid, 'USAGE')
        or pg_has_role('pg_signal_backend', 'USAGE') and not r.rolsuper)
      """;

  private static final String IN_USE = "55006";
  private static final int ATTEMPTS = 3; // in each, the server itself waits for 5 s

  private final PostgresTools tools;
  private final PostgresTarget beside;
  private final String name;

  /**
   * @param name without quotes
   */
  ScratchDatabase(PostgresTools tools, PostgresTarget beside, String name) {
    this.tools = tools;
    this.beside = beside;
    this.name = name;
  }

  /** A name of at most 63 letters, digits and underscores, different for each prefix and key. */
  static String name(String prefix, String key) {
    String name = prefix + key.toLowerCase(Locale.ROOT).replaceAll("\\W", "_");
    if (name.length() <= LONGEST_NAME) {
      return name;
    }
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      return prefix + HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  PostgresTarget target() {
    return beside.withDatabase(name);
  }

  /**
   * Creates it anew, empty except for the schema {@code public} if wanted.
   *
   * @param samePlace whether with the owner and in the tablespace of the database beside it
   * @throws TargetException when the server refuses
   */
  void create(boolean publicSchema, boolean samePlace, ServerWatch watch) {
    drop(watch);
    try (Connection connection = tools.connectUnbounded(beside, watch);
        Statement statement = connection.createStatement()) {
      String create = string(statement, CREATE.formatted(name));
      statement.execute(create + (samePlace ? string(statement, PLACE) : ""));
    } catch (SQLException e) {
      throw impossible("create", e);
    }
    if (!publicSchema) {
      prepare("drop schema public");
    }
  }

  /** Ends its sessions and drops it, if it exists; bounded by the target's query time-out. */
  void drop() {
    try (Connection connection = tools.connect(beside)) {
      drop(connection);
    } catch (SQLException e) {
      throw impossible("drop", e);
    }
  }

  /**
   * As {@link #drop()}, after a failure, which remains the one reported; the next attempt drops
   * what is left.
   */
  void dropAfter(Exception failure) {
    try {
      drop();
    } catch (TargetException left) {
      failure.addSuppressed(left);
    }
  }

  /** As {@link #drop()}, for a database that may be large. */
  void drop(ServerWatch watch) {
    try (Connection connection = tools.connectUnbounded(beside, watch)) {
      drop(connection);
    } catch (SQLException e) {
      throw impossible("drop", e);
    }
  }

  /**
   * Does not use {@code with (force)}: the login would need the right to end autovacuum too.
   * Without it, the server ends autovacuum itself.
   */
  private void drop(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (int attempt = 1; ; attempt++) {
        try {
          statement.execute(END_SESSIONS.formatted(name));
          statement.execute("drop database if exists \"%s\"".formatted(name));
          return;
        } catch (SQLException e) {
          if (!IN_USE.equals(e.getSQLState()) || attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
    }
  }

  private void prepare(String sql) {
    try (Connection connection = tools.connect(target());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw impossible("prepare", e);
    }
  }

  private static String string(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  private TargetException impossible(String verb, SQLException e) {
    return new TargetException(
        "cannot %s the scratch database %s beside %s: %s. %s itself is untouched; the login needs the right CREATEDB"
            .formatted(verb, name, beside.describe(), e.getMessage(), beside.describe()),
        e);
  }
}
