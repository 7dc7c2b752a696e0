package io.belay.capability.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.playground.EmbeddedServers;
import io.belay.step.Assignments;
import io.belay.step.BusinessStop;
import io.belay.step.Comparison;
import io.belay.step.FakeStepContext;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExecuteSqlIT {

  private static final Connections CONNECTIONS = new Connections();
  private static EmbeddedPostgres server;

  private final ExecuteSql execute = new ExecuteSql(CONNECTIONS);
  private final RevertSql revert = new RevertSql(CONNECTIONS);
  private FakeStepContext context;

  @BeforeAll
  static void start() throws Exception {
    server = EmbeddedServers.postgres().start();
  }

  @AfterAll
  static void stop() throws Exception {
    CONNECTIONS.close();
    server.close();
  }

  @BeforeEach
  void world() throws Exception {
    sql("DROP TABLE IF EXISTS job", "CREATE TABLE job (id int PRIMARY KEY, state text)");
    sql("INSERT INTO job SELECT n, 'open' FROM generate_series(1, 5) n");
    context = new FakeStepContext(Map.of("database", target()));
  }

  private static PostgresTarget target() {
    return new PostgresTarget(
        "localhost",
        server.getPort(),
        "postgres",
        "postgres",
        Secret.none(),
        12,
        null,
        Duration.ofSeconds(2),
        Duration.ofSeconds(20),
        RestoreWay.AUTO);
  }

  private static void sql(String... statements) throws SQLException {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      for (String text : statements) {
        statement.execute(text);
      }
    }
  }

  private static long paused() throws SQLException {
    return count("SELECT count(*) FROM job WHERE state = 'paused'");
  }

  private static long count(String query) throws SQLException {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        ResultSet row = connection.createStatement().executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static ExecuteSql.Input pause(String rows) {
    return input(
        "UPDATE job SET state = :state WHERE id <= :last; INSERT INTO job VALUES (:added, 'new')",
        "DELETE FROM job WHERE id = :added;"
            + " UPDATE job SET state = 'open' WHERE id <= :last AND state = :state",
        "state=paused\nlast=3\nadded=99",
        rows);
  }

  private static ExecuteSql.Input input(String sql, String undo, String values, String rows) {
    return new ExecuteSql.Input(
        "database",
        SqlStatements.valueOf(sql),
        Assignments.valueOf(values),
        Comparison.valueOf(rows),
        SqlStatements.valueOf(undo),
        false);
  }

  private static RevertSql.Input undo() {
    return new RevertSql.Input("none");
  }

  @Test
  void failedStatement_isNamed_withoutTheValuesOfRows() throws Exception {
    sql("CREATE UNIQUE INDEX one_state ON job (state) WHERE state LIKE 'secret%'");
    sql("UPDATE job SET state = 'secret-value-of-a-row' WHERE id = 4");
    assertThatThrownBy(
            () ->
                context.run(
                    execute,
                    input(
                        "UPDATE job SET state = (SELECT state FROM job WHERE id = 4) WHERE id = 1",
                        "SELECT 1",
                        "",
                        "<= 1")))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("one_state")
        .satisfies(
            failure -> {
              for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                assertThat(cause.toString()).doesNotContain("secret-value", "Detail");
              }
            });
  }

  @Test
  void statements_areCommittedTogether_andTakenBackOnce() throws Exception {
    assertThat(context.run(execute, pause("= 4")).rows()).isEqualTo(4);
    assertThat(paused()).isEqualTo(3);

    assertThat(context.run(revert, undo()).reverted()).isEqualTo(1);
    assertThat(paused()).isZero();
    assertThat(count("SELECT count(*) FROM job")).isEqualTo(5);
    sql("UPDATE job SET state = 'paused' WHERE id = 1"); // somebody's own, later
    assertThat(context.run(revert, undo()).reverted()).isZero();
    assertThat(paused()).isEqualTo(1);
    assertThat(context.takenBack()).containsOnly("executeSql-1");
  }

  @Test
  void moreRowsThanWanted_areRolledBack_andTheUndoFindsNothing() throws Exception {
    assertThatThrownBy(() -> context.run(execute, pause("<= 3")))
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("touched 4 rows, where <= 3 is wanted")
        .hasMessageContaining("nothing was changed");
    assertThat(paused()).isZero();
    assertThat(context.run(revert, undo()).reverted()).isZero();
    assertThat(count("SELECT count(*) FROM job")).isEqualTo(5);
  }

  @Test
  void killedAfterTheCommit_theNextAttemptDoesNothing() throws Exception {
    ExecuteSql.Input append =
        input(
            "INSERT INTO job SELECT max(id) + 1, 'x' FROM job",
            "DELETE FROM job WHERE state = 'x'",
            "",
            "= 1");
    context.runKilled(execute, append);

    assertThat(context.retry(execute, append).rows()).isEqualTo(1);
    assertThat(count("SELECT count(*) FROM job")).isEqualTo(6);
  }

  @Test
  void killedBeforeTheStatements_theNextAttemptExecutesThem() throws Exception {
    context.runKilledAfterSave(ExecuteSql.TRANSACTION, execute, pause("= 4"));
    assertThat(paused()).isZero();
    assertThat(context.run(revert, undo()).reverted()).isZero();

    assertThat(context.retry(execute, pause("= 4")).rows()).isEqualTo(4);
  }

  /** Its client is dead, its session is not: it could commit after the undo had found nothing. */
  @Test
  void transactionThatOutlivedItsBelay_isEndedBeforeAnythingElse() throws Exception {
    try (Connection orphan = server.getPostgresDatabase().getConnection()) {
      orphan.setAutoCommit(false);
      SqlTransaction.Mark mark;
      try (ResultSet row =
          orphan
              .createStatement()
              .executeQuery(
                  "SELECT txid_current()::text, pg_backend_pid(), backend_start::text"
                      + " FROM pg_stat_activity WHERE pid = pg_backend_pid()")) {
        row.next();
        mark = new SqlTransaction.Mark(row.getString(1), row.getInt(2), row.getString(3));
      }
      orphan.createStatement().execute("UPDATE job SET state = 'paused'");

      assertThat(new SqlTransaction(CONNECTIONS, "database", context).fate(mark))
          .isEqualTo(SqlTransaction.Fate.ABORTED);
      assertThatThrownBy(orphan::commit).isInstanceOf(SQLException.class);
    }
    assertThat(paused()).isZero();
  }

  @Test
  void undoThatWasKilledAfterItsCommit_isNotExecutedAgain() throws Exception {
    ExecuteSql.Input counted =
        input("UPDATE job SET id = id + 10", "UPDATE job SET id = id - 10", "", "= 5");
    context.run(execute, counted);
    context.runKilled(revert, undo());

    assertThat(context.retry(revert, undo()).reverted()).isZero();
    assertThat(count("SELECT min(id) FROM job")).isEqualTo(1);
  }

  @Test
  void undoThatFails_leavesNoRecord() throws Exception {
    context.run(execute, pause("= 4"));
    sql("ALTER TABLE job RENAME TO gone");
    try {
      assertThatThrownBy(() -> context.run(revert, undo()))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("does not exist");
      assertThat(context.takenBack()).isEmpty();
    } finally {
      sql("ALTER TABLE gone RENAME TO job");
    }
    assertThat(context.retry(revert, undo()).reverted()).isEqualTo(1);
  }

  @Test
  void value_isNeverPartOfTheStatement() throws Exception {
    ExecuteSql.Input evil =
        input(
            "UPDATE job SET state = :state WHERE id = 1", "UPDATE job SET state = 'open'",
            "state='; DROP TABLE job; --", "= 1");
    context.run(execute, evil);

    assertThat(count("SELECT count(*) FROM job WHERE state LIKE '%DROP TABLE%'")).isEqualTo(1);
  }

  @Test
  void whatEndsTheTransaction_isRefused_whereItIsAStatement() {
    for (String foreign : new String[] {"COMMIT", "select 1; rollback", "begin", "VACUUM job"}) {
      assertThatThrownBy(() -> SqlStatements.valueOf(foreign))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("one transaction");
    }
    assertThat(
            SqlStatements.valueOf("DO $$ BEGIN PERFORM 1; END $$; SELECT '; commit' -- ; rollback")
                .names())
        .isEmpty();
    assertThat(SqlStatements.valueOf("SELECT a::text, ':no', :yes FROM b").names())
        .containsExactly("yes");
  }

  @Test
  void whatDoesNotFitTogether_isSaidBeforeTheRun() {
    Environment environment = new Environment("t", "", Map.of("database", target()));
    assertThat(execute.check(input("UPDATE job SET state = :a", " ", "b=1", "= 1"), environment))
        .containsExactly(
            "'undo' has no statements; a change that nothing takes back cannot be rolled back",
            "'values' has none for :a",
            "'values' has 'b', which no statement asks for");
  }
}
