package io.belay.journal;

import java.sql.DatabaseMetaData;
import java.util.Objects;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcUtils;
import org.springframework.jdbc.support.MetaDataAccessException;

/**
 * The statements that every step needs and that differ between the two databases. Each does in one
 * round trip what portable SQL would do in two or three.
 *
 * @param insertEntry writes an entry of the journal, and marks it as to be linked
 * @param beginStep registers a working step, or replaces it
 * @param timeIsInBeginStep whether {@code beginStep} itself sets when it began; otherwise start and
 *     heartbeat are its last two parameters
 */
record EngineSql(String insertEntry, String beginStep, boolean timeIsInBeginStep) {

  private static final String ENTRY =
      "INSERT INTO belay_journal (run_id, at, kind, instance_id, activity_id, step, step_key, actor,"
          + " text, payload) VALUES (?,?,?,?,?,?,?,?,?,?)";
  private static final String STEP =
      "belay_running (step_key, run_id, instance_id, activity_id, step, node, started_at,"
          + " heartbeat)";

  private static final String ENTRY_OF_POSTGRES =
      "WITH entry AS ("
          + ENTRY
          + " RETURNING id) INSERT INTO belay_journal_pending (entry_id) SELECT id FROM entry";
  private static final String ENTRY_OF_H2 =
      "INSERT INTO belay_journal_pending (entry_id) SELECT id FROM FINAL TABLE (" + ENTRY + ")";

  private static final EngineSql POSTGRES =
      new EngineSql(
          ENTRY_OF_POSTGRES,
          "INSERT INTO "
              + STEP
              + " VALUES (?,?,?,?,?,?, CURRENT_TIMESTAMP AT TIME ZONE 'UTC',"
              + " CURRENT_TIMESTAMP AT TIME ZONE 'UTC') ON CONFLICT (step_key) DO UPDATE SET run_id ="
              + " excluded.run_id, instance_id = excluded.instance_id, activity_id ="
              + " excluded.activity_id, step = excluded.step, node = excluded.node, started_at ="
              + " excluded.started_at, heartbeat = excluded.heartbeat, done = NULL, total = NULL,"
              + " unit = NULL, message = NULL",
          true);

  private static final EngineSql H2 =
      new EngineSql(
          ENTRY_OF_H2,
          "MERGE INTO "
              + STEP.replace(" (", " (done, total, unit, message, ")
              + " KEY (step_key) VALUES (NULL, NULL, NULL, NULL, ?,?,?,?,?,?,?,?)",
          false);

  static EngineSql of(JdbcTemplate jdbc) {
    return isPostgres(jdbc) ? POSTGRES : H2;
  }

  private static boolean isPostgres(JdbcTemplate jdbc) {
    try {
      return "PostgreSQL"
          .equals(
              JdbcUtils.extractDatabaseMetaData(
                  Objects.requireNonNull(jdbc.getDataSource()),
                  DatabaseMetaData::getDatabaseProductName));
    } catch (MetaDataAccessException e) {
      throw new IllegalStateException("the engine's database does not say what it is", e);
    }
  }
}
