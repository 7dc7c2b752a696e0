package io.belay.backup;

import io.belay.step.StepContext;
import io.belay.target.Artifact;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import io.belay.target.TargetException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/**
 * Reads a PostgreSQL backup from end to end and compares it with its manifest: a readable table of
 * contents with data for each recorded table, and for each table exactly the recorded number of
 * rows. Also asks whether this login could restore it at all. Touches nothing.
 */
@Component
class PostgresVerification {

  private static final Pattern TABLE_DATA =
      Pattern.compile("^\\d+; \\d+ \\d+ TABLE DATA .*", Pattern.DOTALL);

  private static final String OBSTACLES =
      """
      select format('schema %%I belongs to %%I', n.nspname, pg_get_userbyid(n.nspowner))
      from pg_namespace n where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and not pg_has_role(n.nspowner, 'USAGE')
      union all
      select format('table %%I.%%I belongs to %%I', n.nspname, c.relname, pg_get_userbyid(c.relowner))
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm', 'S') and not pg_has_role(c.relowner, 'USAGE') and %s
      union all
      select 'it may not create schemas in this database'
      where not has_database_privilege(current_database(), 'CREATE')
      limit 1
      """
          .formatted(DatabaseContent.OURS);

  private final PostgresTools tools;
  private final PostgresDump dump;
  private final BesideObstacles besideObstacles;

  PostgresVerification(PostgresTools tools, PostgresDump dump, BesideObstacles besideObstacles) {
    this.tools = tools;
    this.dump = dump;
    this.besideObstacles = besideObstacles;
  }

  /**
   * @return what is wrong, or empty when the backup can be relied on
   */
  Optional<String> defect(Artifact artifact, PostgresTarget database, StepContext context)
      throws Exception {
    DatabaseContent content = PostgresManifest.of(artifact).content();
    long expected = content.tables().size() + content.extensionTables();
    long listed = listedTables(artifact, database, context);
    if (listed != expected) {
      return Optional.of(
          "its table of contents has data of %d tables, the database had %d"
              .formatted(listed, expected));
    }
    SortedMap<String, Long> wrong = new TreeMap<>(content.tables());
    Map<String, Long> found = countedRows(artifact, database, context);
    wrong.entrySet().removeAll(found.entrySet());
    if (!wrong.isEmpty()) {
      String table = wrong.firstKey();
      return Optional.of(
          "%d tables are not complete, the first is %s with %s rows instead of %d"
              .formatted(wrong.size(), table, found.get(table), wrong.get(table)));
    }
    return obstacle(database)
        .map(
            obstacle ->
                "login '%s' cannot restore it: %s".formatted(database.username(), obstacle));
  }

  private long listedTables(Artifact artifact, PostgresTarget database, StepContext context)
      throws Exception {
    AtomicLong listed = new AtomicLong();
    dump.read(
        artifact,
        database,
        List.of("--list"),
        context,
        list -> {
          BufferedReader lines =
              new BufferedReader(new InputStreamReader(list, StandardCharsets.UTF_8));
          listed.set(lines.lines().filter(line -> TABLE_DATA.matcher(line).matches()).count());
        });
    return listed.get();
  }

  private Map<String, Long> countedRows(
      Artifact artifact, PostgresTarget database, StepContext context) throws Exception {
    AtomicReference<Map<String, Long>> rows = new AtomicReference<>(Map.of());
    dump.read(
        artifact,
        database,
        List.of("--data-only", "--file=-"),
        context,
        sql -> rows.set(CopyCounter.rows(sql)));
    return rows.get();
  }

  private Optional<String> obstacle(PostgresTarget database) {
    Optional<String> beside =
        database.restore() == RestoreWay.BESIDE
            ? besideObstacles.first(database)
            : Optional.empty();
    return beside.isPresent()
        ? beside.map(obstacle -> "beside, as 'restore' of the target demands: " + obstacle)
        : ownership(database);
  }

  private Optional<String> ownership(PostgresTarget database) {
    try (Connection connection = tools.connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(OBSTACLES)) {
      return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
    } catch (SQLException e) {
      throw new TargetException(
          "the rights of the login at %s cannot be read: %s"
              .formatted(database.describe(), e.getMessage()),
          e);
    }
  }
}
