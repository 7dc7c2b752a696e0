package io.belay.capability.backup;

import io.belay.target.PostgresTarget;
import io.belay.target.ServerWatch;
import io.belay.target.TargetException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/** {@code ANALYZE} of a restored database, the largest tables first, several at once. */
final class TableStatistics {

  /** What {@code ANALYZE} alone would process; a partitioned table includes its partitions. */
  private static final String TO_ANALYZE =
      """
      select format('%I.%I', n.nspname, c.relname)
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'm', 'p') and not c.relispartition
        and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
      order by pg_table_size(c.oid) desc
      """;

  private final Queue<String> tables = new ConcurrentLinkedQueue<>();
  private final PostgresTools tools;
  private final PostgresTarget scratch;
  private final ServerWatch watch;

  private TableStatistics(PostgresTools tools, PostgresTarget scratch, ServerWatch watch) {
    this.tools = tools;
    this.scratch = scratch;
    this.watch = watch;
  }

  /**
   * Starts the analysis.
   *
   * @param sessions how many tables at once
   * @return completes exceptionally with a {@link TargetException} when the server refuses
   */
  static CompletableFuture<Void> gather(
      int sessions, PostgresTools tools, PostgresTarget scratch, ServerWatch watch) {
    TableStatistics statistics = new TableStatistics(tools, scratch, watch);
    return inThread(statistics::listTables)
        .thenCompose(
            listed ->
                CompletableFuture.allOf(
                    Stream.generate(() -> inThread(statistics::analyze))
                        .limit(sessions)
                        .toArray(CompletableFuture[]::new)));
  }

  private static CompletableFuture<Void> inThread(Runnable work) {
    return CompletableFuture.runAsync(work, task -> new Thread(task, "analyze").start());
  }

  private void listTables() {
    try (Connection connection = tools.connectUnbounded(scratch, watch);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(TO_ANALYZE)) {
      while (rows.next()) {
        tables.add(rows.getString(1));
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private void analyze() {
    try (Connection connection = tools.connectUnbounded(scratch, watch);
        Statement statement = connection.createStatement()) {
      for (String table = tables.poll(); table != null; table = tables.poll()) {
        statement.execute("analyze " + table);
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private TargetException failed(SQLException e) {
    return new TargetException(
        "ANALYZE in %s failed: %s. The database itself is as it was before"
            .formatted(scratch.describe(), e.getMessage()),
        e);
  }
}
