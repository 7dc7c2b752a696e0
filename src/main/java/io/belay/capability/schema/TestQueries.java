package io.belay.capability.schema;

import io.belay.target.Connections;
import io.belay.target.PostgresTarget;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs an environment's test queries, each in a read-only transaction that is rolled back, bounded
 * by the target's query time-out. A query passes when it returns at least one row.
 */
final class TestQueries {

  private final Connections connections;
  private final PostgresTarget database;

  TestQueries(Connections connections, PostgresTarget database) {
    this.connections = connections;
    this.database = database;
  }

  /**
   * @return each failed query with the reason
   * @throws SQLException when the database is lost, which says nothing about the queries
   */
  List<String> failures(List<String> queries) throws SQLException {
    List<String> failures = new ArrayList<>();
    if (queries.isEmpty()) {
      return failures;
    }
    try (Connection connection = connections.postgres(database)) {
      connection.setAutoCommit(false);
      connection.setReadOnly(true);
      for (String query : queries) {
        try (Statement statement = connection.createStatement()) {
          statement.setMaxRows(1);
          try (ResultSet rows = statement.executeQuery(query)) {
            if (!rows.next()) {
              failures.add("test query returns no row: " + query);
            }
          }
        } catch (SQLException e) {
          if (connection.isClosed() || String.valueOf(e.getSQLState()).startsWith("08")) {
            throw e;
          }
          failures.add("test query fails (%s): %s".formatted(oneLine(e), query));
        }
        connection.rollback();
      }
    }
    return failures;
  }

  private static String oneLine(SQLException e) {
    return String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
  }
}
