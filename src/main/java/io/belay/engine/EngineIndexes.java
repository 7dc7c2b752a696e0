package io.belay.engine;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Indexes that the engine's own tables lack; without them, waiting runs slow down working ones. See
 * docs/decisions/engine-settings.md.
 */
@Component
class EngineIndexes {

  private record Index(String name, String table, String column) {}

  private static final Logger log = LoggerFactory.getLogger(EngineIndexes.class);

  private static final List<Index> ALL =
      List.of(
          // Each search for work reads the timers of all waiting runs; every phase has one.
          new Index("BELAY_JOB_DUE", "ACT_RU_JOB", "DUEDATE_"),
          // Each act of a person searches the rights on all open approvals for revoked ones.
          new Index("BELAY_AUTHORIZATION_TYPE", "ACT_RU_AUTHORIZATION", "TYPE_"));

  private final DataSource database;

  EngineIndexes(DataSource database) {
    this.database = database;
  }

  /**
   * Creates the missing indexes; the caller ensures that no other node does so at the same time.
   */
  void ensure() {
    ALL.forEach(this::ensure);
  }

  private void ensure(Index index) {
    try (Connection connection = database.getConnection()) {
      // Checked first: the statement itself would block the other nodes even when it does nothing.
      if (!exists(connection, index)) {
        try (Statement statement = connection.createStatement()) {
          statement.execute(
              "CREATE INDEX %s ON %s (%s)".formatted(index.name, index.table, index.column));
        }
      }
    } catch (SQLException e) {
      // Everything works without the index, only slower.
      log.warn("The index {} on {} cannot be made: {}", index.name, index.table, e.getMessage());
    }
  }

  private static boolean exists(Connection connection, Index index) throws SQLException {
    String table =
        connection.getMetaData().storesLowerCaseIdentifiers()
            ? index.table.toLowerCase(Locale.ROOT)
            : index.table;
    try (ResultSet indexes =
        connection
            .getMetaData()
            .getIndexInfo(connection.getCatalog(), connection.getSchema(), table, false, true)) {
      while (indexes.next()) {
        if (index.name.equalsIgnoreCase(indexes.getString("INDEX_NAME"))) {
          return true;
        }
      }
      return false;
    }
  }
}
