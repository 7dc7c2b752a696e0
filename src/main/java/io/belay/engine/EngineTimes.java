package io.belay.engine;

import io.belay.target.InvalidSetting;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.stereotype.Component;

/**
 * Checks that the engine's times are UTC. Belay 0.1 kept them in the machine's zone, which would
 * put the locks and timers of open runs hours off. The journal was always in UTC, so a difference
 * reveals it.
 */
@Component
class EngineTimes {

  /** Tolerance; both times are written in the transaction that starts the run. */
  private static final Duration SAME = Duration.ofMinutes(10);

  private static final String OPEN_RUNS =
      "SELECT r.name, r.started_at, i.START_TIME_ FROM belay_run r"
          + " JOIN ACT_HI_PROCINST i ON i.ID_ = r.id WHERE r.ended_at IS NULL ORDER BY r.started_at";

  private final DataSource database;

  EngineTimes(DataSource database) {
    this.database = database;
  }

  /**
   * @throws InvalidSetting naming the open runs whose times in the engine are not UTC
   */
  void requireUtc() {
    List<String> wrong = new ArrayList<>();
    try (Connection connection = database.getConnection()) {
      if (!hasEngineTables(connection)) {
        return;
      }
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery(OPEN_RUNS)) {
        while (row.next()) {
          LocalDateTime journal = row.getObject(2, LocalDateTime.class);
          LocalDateTime engine = row.getObject(3, LocalDateTime.class);
          if (Duration.between(journal, engine).abs().compareTo(SAME) > 0) {
            wrong.add(
                "%s (started at %s UTC, the engine says %s)"
                    .formatted(row.getString(1), journal.withNano(0), engine.withNano(0)));
          }
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the times of open runs cannot be read", e);
    }
    if (!wrong.isEmpty()) {
      throw new InvalidSetting(
          "The engine's times of these open runs are not in UTC: %s. A version of Belay up to 0.1 wrote them in its machine's time zone, and with these times locks and timers would be hours off. Nothing was changed. Start that version again with the same TZ, let the runs end or abort them, then start this one"
              .formatted(String.join("; ", wrong)));
    }
  }

  private static boolean hasEngineTables(Connection connection) throws SQLException {
    String pattern =
        connection.getMetaData().storesLowerCaseIdentifiers()
            ? "act_hi_procinst"
            : "ACT_HI_PROCINST";
    try (ResultSet tables =
        connection
            .getMetaData()
            .getTables(connection.getCatalog(), connection.getSchema(), pattern, null)) {
      return tables.next();
    }
  }
}
