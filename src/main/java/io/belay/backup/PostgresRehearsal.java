package io.belay.backup;

import io.belay.step.StepContext;
import io.belay.target.Artifact;
import io.belay.target.Commands;
import io.belay.target.PostgresTarget;
import io.belay.target.ServerWatch;
import io.belay.target.TargetException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/**
 * Restores a backup into a scratch database on the same server, compares structure and row counts
 * with what was backed up, and drops it again, also the one that a killed attempt of the same step
 * left behind. Needs the right to create databases, and room at the server for a second copy.
 */
@Component
class PostgresRehearsal {

  private static final List<String> SCRIPT =
      List.of("--no-publications", "--no-subscriptions", "--file=-");

  private final PostgresTools tools;
  private final PostgresDump dump;

  PostgresRehearsal(PostgresTools tools, PostgresDump dump) {
    this.tools = tools;
    this.dump = dump;
  }

  /**
   * @return what differs, or empty when the copy is faithful
   * @throws TargetException when the rehearsal cannot be held
   */
  Optional<String> difference(Artifact artifact, PostgresTarget database, StepContext context)
      throws Exception {
    String name = scratchName(context.stepKey());
    try {
      Optional<String> difference =
          tools.watched(
              database,
              context.cancellation(),
              "The database itself is untouched",
              watch -> rehearse(artifact, database, database.withDatabase(name), context, watch));
      drop(database, name);
      return difference;
    } catch (Exception e) {
      try {
        drop(database, name);
      } catch (TargetException left) {
        e.addSuppressed(left); // the next attempt drops it
      }
      throw e;
    }
  }

  private Optional<String> rehearse(
      Artifact artifact,
      PostgresTarget database,
      PostgresTarget scratch,
      StepContext context,
      ServerWatch watch)
      throws Exception {
    DatabaseContent content = PostgresManifest.of(artifact).content();
    create(database, scratch.database(), watch);
    if (!content.publicSchema()) {
      execute(scratch, "drop schema public");
    }
    Optional<String> failure = restore(artifact, scratch, context, watch);
    return failure.isPresent() ? failure : compare(content, scratch, watch);
  }

  /** Stable over attempts of a step, at most 63 bytes. */
  static String scratchName(String stepKey) {
    String name = "belay_rehearsal_" + stepKey.toLowerCase(Locale.ROOT).replaceAll("\\W", "_");
    if (name.length() <= 63) {
      return name;
    }
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(stepKey.getBytes(StandardCharsets.UTF_8));
      return "belay_rehearsal_" + HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void create(PostgresTarget database, String name, ServerWatch watch) {
    drop(database, name);
    try (Connection connection = tools.connectUnbounded(database, watch);
        Statement statement = connection.createStatement()) {
      String locale;
      try (ResultSet rows =
          statement.executeQuery(
              "select format('encoding %L lc_collate %L lc_ctype %L',"
                  + " pg_encoding_to_char(encoding), datcollate, datctype)"
                  + " from pg_database where datname = current_database()")) {
        rows.next();
        locale = rows.getString(1);
      }
      statement.execute("create database \"%s\" template template0 %s".formatted(name, locale));
    } catch (SQLException e) {
      throw impossible(database, "create", name, e);
    }
  }

  private Optional<String> restore(
      Artifact artifact, PostgresTarget scratch, StepContext context, ServerWatch watch)
      throws Exception {
    Commands.Result result =
        tools.filter(
            scratch,
            PostgresRestore.PSQL,
            watch,
            stdin -> dump.read(artifact, scratch, SCRIPT, context, sql -> transfer(sql, stdin)),
            stdout -> stdout.transferTo(OutputStream.nullOutputStream()));
    return result.succeeded()
        ? Optional.empty()
        : Optional.of("its restore fails: " + result.output().strip());
  }

  private static void transfer(InputStream sql, OutputStream stdin) throws Exception {
    sql.transferTo(stdin);
    stdin.flush();
  }

  private Optional<String> compare(
      DatabaseContent backup, PostgresTarget scratch, ServerWatch watch) throws SQLException {
    try (Connection connection = tools.connectUnbounded(scratch, watch)) {
      connection.setAutoCommit(false);
      DatabaseContent restored = DatabaseContent.of(connection, watch);
      TreeMap<String, Long> missing = new TreeMap<>(backup.tables());
      missing.entrySet().removeAll(restored.tables().entrySet());
      if (!missing.isEmpty()) {
        String table = missing.firstKey();
        return Optional.of(
            "%d tables differ after a trial restore, the first is %s with %s rows instead of %d"
                .formatted(
                    missing.size(), table, restored.tables().get(table), missing.get(table)));
      }
      return restored.fingerprint().equals(backup.fingerprint())
          ? Optional.empty()
          : Optional.of("a trial restore has other tables, columns, indexes or functions");
    }
  }

  private void drop(PostgresTarget database, String name) {
    try (Connection connection = tools.connect(database);
        Statement statement = connection.createStatement()) {
      if (connection.getMetaData().getDatabaseMajorVersion() >= 13) {
        statement.execute("drop database if exists \"%s\" with (force)".formatted(name));
      } else {
        statement.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s'"
                .formatted(name));
        statement.execute("drop database if exists \"%s\"".formatted(name));
      }
    } catch (SQLException e) {
      throw impossible(database, "drop", name, e);
    }
  }

  private void execute(PostgresTarget scratch, String sql) {
    try (Connection connection = tools.connect(scratch);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw impossible(scratch, "prepare", scratch.database(), e);
    }
  }

  private static TargetException impossible(
      PostgresTarget database, String verb, String name, SQLException e) {
    return new TargetException(
        "no rehearsal at %s: cannot %s the scratch database %s: %s. The database itself is untouched; the login needs the right CREATEDB"
            .formatted(database.describe(), verb, name, e.getMessage()),
        e);
  }
}
