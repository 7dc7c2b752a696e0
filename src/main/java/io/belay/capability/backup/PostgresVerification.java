package io.belay.capability.backup;

import io.belay.artifact.Artifact;
import io.belay.step.StepContext;
import io.belay.target.PostgresTarget;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/**
 * Reads a PostgreSQL backup from end to end and compares it with its manifest: a readable table of
 * contents with data for each recorded table, and for each table exactly the recorded number of
 * rows. Also checks what a restore in the chosen way needs from this login and this server. Changes
 * nothing.
 */
@Component
class PostgresVerification {

  private static final Pattern TABLE_DATA =
      Pattern.compile("^\\d+; \\d+ \\d+ TABLE DATA .*", Pattern.DOTALL);

  private final PostgresTools tools;
  private final PostgresDump dump;
  private final RestoreWays ways;

  PostgresVerification(PostgresTools tools, PostgresDump dump, RestoreWays ways) {
    this.tools = tools;
    this.dump = dump;
    this.ways = ways;
  }

  /**
   * @return what is wrong; empty when the backup can be relied on
   */
  Optional<String> defect(Artifact artifact, PostgresTarget database, StepContext context)
      throws Exception {
    DatabaseContent content = PostgresManifest.of(artifact).content();
    long expected = content.tables().size() + content.extensionTables();
    List<String> contents = contents(artifact, database, context);
    long listed = contents.stream().filter(line -> TABLE_DATA.matcher(line).matches()).count();
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
    RestoreWays.Choice choice = ways.of(artifact, database);
    SortedSet<String> obstacles = new TreeSet<>(ways.obstacles(choice.way(), database));
    obstacles.addAll(notTheLogins(contents, database));
    return obstacles.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "login '%s' cannot restore it %s (%s): %s"
                .formatted(
                    database.username(),
                    choice.words(),
                    choice.why(),
                    String.join("; ", obstacles)));
  }

  private List<String> contents(Artifact artifact, PostgresTarget database, StepContext context)
      throws Exception {
    AtomicReference<List<String>> contents = new AtomicReference<>(List.of());
    dump.read(
        artifact,
        database,
        List.of("--list"),
        context,
        list -> {
          BufferedReader lines =
              new BufferedReader(new InputStreamReader(list, StandardCharsets.UTF_8));
          contents.set(lines.lines().toList());
        });
    return contents.get();
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

  /** What is in the backup, and so presumably in the database now, that the login cannot create. */
  private List<String> notTheLogins(List<String> contents, PostgresTarget database) {
    try (Connection connection = tools.connect(database)) {
      List<String> obstacles = Obstacles.ask(connection, Obstacles.SUPERUSERS);
      obstacles.addAll(ArchiveOwners.obstacles(contents, connection));
      return obstacles;
    } catch (SQLException e) {
      throw Obstacles.unreadable(database, e);
    }
  }
}
