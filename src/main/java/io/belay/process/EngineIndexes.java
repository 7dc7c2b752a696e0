package io.belay.process;

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
 * Indexes that the engine's own tables lack, without which what waits makes slow what works. See
 * docs/decisions/engine-settings.md.
 */
@Component
class EngineIndexes {

  private record Index(String name, String table, String column) {}

  private static final Logger log = LoggerFactory.getLogger(EngineIndexes.class);

  private static final List<Index> ALL =
      List.of(
          // Each search for work reads the timers of all runs that wait; every phase has one.
          new Index("BELAY_JOB_DUE", "ACT_RU_JOB", "DUEDATE_"),
          // Each act of a person looks for revoked rights among those on all open approvals.
          new Index("BELAY_AUTHORIZATION_TYPE", "ACT_RU_AUTHORIZATION", "TYPE_"));

  private final DataSource database;

  EngineIndexes(DataSource database) {
    this.database = database;
  }

  /** Makes those that are missing; the caller sees to it that no other node does so too. */
  void ensure() {
    ALL.forEach(this::ensure);
  }

  private void ensure(Index index) {
    try (Connection connection = database.getConnection()) {
      // Asked first: the statement itself would hold up the other nodes even where it does nothing.
      if (!exists(connection, index)) {
        try (Statement statement = connection.createStatement()) {
          statement.execute(
              "CREATE INDEX %s ON %s (%s)".formatted(index.name, index.table, index.column));
        }
      }
    } catch (SQLException e) {
      // All works without it, only slower.
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
