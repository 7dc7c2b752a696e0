package io.belay.capability.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.playground.EmbeddedServers;
import io.belay.playground.Scratch;
import io.belay.step.Assignments;
import io.belay.step.BusinessStop;
import io.belay.step.Comparison;
import io.belay.step.FakeStepContext;
import io.belay.target.CommittingConnections;
import io.belay.target.Connections;
import io.belay.target.DatabaseTarget;
import io.belay.target.MariaDbServer;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Targets of {@code type: database}: a real MariaDB, a real PostgreSQL and H2. */
@Timeout(180)
class ExecuteSqlOnDatabaseIT {

  private static final Connections CONNECTIONS = new Connections();
  private static MariaDbServer maria;
  private static EmbeddedPostgres postgres;

  private final ExecuteSql execute = new ExecuteSql(CONNECTIONS);
  private final RevertSql revert = new RevertSql(CONNECTIONS);
  private DatabaseTarget target;
  private FakeStepContext context;
  private Connection outside;

  @AfterAll
  static void stop() throws Exception {
    CONNECTIONS.close();
    if (maria != null) {
      maria.close();
    }
    if (postgres != null) {
      postgres.close();
    }
  }

  private void use(String product) throws Exception {
    target =
        switch (product) {
          case "mariadb" -> mariaDb();
          case "postgresql" -> postgres();
          default -> target("jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1".formatted(UUID.randomUUID()), "sa");
        };
    context = new FakeStepContext(Map.of("database", target));
    outside = CONNECTIONS.sql(target);
    sql("DROP TABLE IF EXISTS job", "DROP TABLE IF EXISTS belay_transaction");
    sql("CREATE TABLE job (id INT PRIMARY KEY, state VARCHAR(200))");
    for (int id = 1; id <= 5; id++) {
      sql("INSERT INTO job VALUES (%d, 'open')".formatted(id));
    }
  }

  private static DatabaseTarget mariaDb() throws Exception {
    if (maria == null) {
      maria = MariaDbServer.start(Scratch.directory("mariadb"));
    }
    return target("jdbc:mariadb://127.0.0.1:%d/shop".formatted(maria.port()), "app");
  }

  private static DatabaseTarget postgres() throws Exception {
    if (postgres == null) {
      postgres = EmbeddedServers.postgres().start();
    }
    return target(
        "jdbc:postgresql://localhost:%d/postgres".formatted(postgres.getPort()), "postgres");
  }

  private static DatabaseTarget target(String url, String user) {
    return new DatabaseTarget(
        url,
        user,
        user.equals("app") ? Secret.of(MariaDbServer.PASSWORD) : Secret.none(),
        Duration.ofSeconds(5),
        Duration.ofSeconds(20));
  }

  @AfterEach
  void close() throws SQLException {
    if (outside != null) {
      outside.close();
    }
  }

  private void sql(String... statements) throws SQLException {
    for (String text : statements) {
      outside.createStatement().execute(text);
    }
  }

  private long count(String query) throws SQLException {
    try (ResultSet row = outside.createStatement().executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  private long paused() throws SQLException {
    return count("SELECT count(*) FROM job WHERE state = 'pau;sed'");
  }

  private static ExecuteSql.Input pause(String rows) {
    return input(
        "UPDATE job SET state = 'pau;sed' WHERE id <= :last; -- all; of them\n"
            + "INSERT INTO job VALUES (:added, :state);",
        "DELETE FROM job WHERE id = :added;"
            + " UPDATE job SET state = 'open' WHERE id <= :last AND state = 'pau;sed'",
        "state=x'; DROP TABLE job; --\nlast=3\nadded=99",
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

  @ParameterizedTest
  @ValueSource(strings = {"mariadb", "postgresql", "h2"})
  void statements_areCommittedTogether_andTakenBackOnce(String product) throws Exception {
    use(product);
    assertThat(context.run(execute, pause("= 4")).rows()).isEqualTo(4);
    assertThat(paused()).isEqualTo(3);
    assertThat(count("SELECT count(*) FROM job WHERE state LIKE '%DROP TABLE%'")).isEqualTo(1);

    assertThat(context.run(revert, undo()).reverted()).isEqualTo(1);
    assertThat(paused()).isZero();
    assertThat(count("SELECT count(*) FROM job")).isEqualTo(5);
    sql("UPDATE job SET state = 'pau;sed' WHERE id = 1"); // somebody's own, later
    assertThat(context.run(revert, undo()).reverted()).isZero();
    assertThat(paused()).isEqualTo(1);
    assertThat(context.takenBack()).containsOnly("executeSql-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"mariadb", "postgresql", "h2"})
  void moreRowsThanWanted_areRolledBack_andTheUndoFindsNothing(String product) throws Exception {
    use(product);
    assertThatThrownBy(() -> context.run(execute, pause("<= 3")))
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("touched 4 rows, where <= 3 is wanted");
    assertThat(paused()).isZero();
    assertThat(context.run(revert, undo()).reverted()).isZero();
    assertThat(count("SELECT count(*) FROM job")).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mariadb", "postgresql", "h2"})
  void killedAttempt_isSettledByAskingTheDatabase(String product) throws Exception {
    use(product);
    ExecuteSql.Input append =
        input("UPDATE job SET id = id + 10", "UPDATE job SET id = id - 10", "", "= 5");
    context.runKilledAfterSave(ExecuteSql.TRANSACTION, execute, append);
    assertThat(context.run(revert, undo()).reverted()).isZero();

    assertThat(context.retry(execute, append).rows()).isEqualTo(5);
    assertThat(context.retry(execute, append).rows()).isEqualTo(5);
    assertThat(count("SELECT min(id) FROM job")).isEqualTo(11);

    context.runKilled(revert, undo());
    assertThat(context.retry(revert, undo()).reverted()).isZero();
    assertThat(count("SELECT min(id) FROM job")).isEqualTo(1);
  }

  /** Its client is dead, its session is not: it could commit after the undo had found nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"mariadb", "h2"})
  void transactionThatStillWorks_isWaitedFor_andOneThatWasGivenUpCannotCommit(String product)
      throws Exception {
    use(product);
    context.run(execute, pause("= 4"));
    TransactionTable table = new TransactionTable("database", "run-1");
    SqlTransaction transaction = new SqlTransaction(CONNECTIONS, "database", context);
    SqlTransaction.Mark mark;
    try (Connection orphan = CONNECTIONS.sql(target)) {
      orphan.setAutoCommit(false);
      mark = table.begin(orphan, begun -> {});
      orphan.createStatement().execute("UPDATE job SET state = 'late'");
      assertThatThrownBy(() -> transaction.fate(mark))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("is not known yet");
      orphan.rollback();
    }
    assertThat(transaction.fate(mark)).isEqualTo(SqlTransaction.Fate.ABORTED);
    assertThat(transaction.fate(mark)).isEqualTo(SqlTransaction.Fate.ABORTED);
    try (Connection late = CONNECTIONS.sql(target)) {
      assertThatThrownBy(
              () ->
                  late.createStatement()
                      .execute(
                          "INSERT INTO belay_transaction VALUES ('%s', 'committed', 'r', 't')"
                              .formatted(mark.id())))
          .isInstanceOf(SQLException.class);
    }
  }

  @Test
  void recordThatIsGone_isNotTakenForNothingCommitted() throws Exception {
    use("h2");
    context.runKilled(execute, pause("= 4"));
    sql("DROP TABLE belay_transaction");
    assertThatThrownBy(() -> context.retry(execute, pause("= 4")))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("does not tell what became of a transaction");
    assertThat(paused()).isEqualTo(3);
  }

  @Test
  void recordThatWasMadeAnew_isNotTakenForNothingCommitted() throws Exception {
    use("h2");
    context.runKilled(execute, pause("= 4"));
    sql("DROP TABLE belay_transaction");
    try (Connection other = CONNECTIONS.sql(target)) {
      other.setAutoCommit(false);
      new TransactionTable("database", "run-2").begin(other, begun -> {});
      other.commit();
    }
    assertThatThrownBy(() -> context.retry(execute, pause("= 4")))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("was made anew");
    assertThat(paused()).isEqualTo(3);
  }

  @Test
  void tableThatCannotRollBack_isNotBegunWith() throws Exception {
    use("mariadb");
    sql(
        "CREATE TABLE belay_transaction (id VARCHAR(36) NOT NULL PRIMARY KEY, state VARCHAR(9),"
            + " run_id VARCHAR(64), begun VARCHAR(30)) ENGINE=MyISAM");
    assertThatThrownBy(() -> context.run(execute, pause("= 4")))
        .isInstanceOf(TargetException.class)
        .hasMessageContainingAll("cannot roll back", "ENGINE=InnoDB");
    assertThat(paused()).isZero();
    assertThat(context.run(revert, undo()).reverted()).isZero();
  }

  @Test
  void statementThatFails_leavesNothing_whereClosingCommits() throws Exception {
    use("h2");
    ExecuteSql.Input twice =
        input(
            "UPDATE job SET state = 'pau;sed'; INSERT INTO job VALUES (1, 'there')",
            "DELETE FROM job WHERE id = 1",
            "",
            "= 6");
    try (Connections committing = new CommittingConnections()) {
      assertThatThrownBy(() -> context.run(new ExecuteSql(committing), twice))
          .isInstanceOf(TargetException.class);
    }
    assertThat(paused()).isZero();
  }

  @Test
  void statementsThatMayEndTheTransactionThere_areRefusedBeforeTheRun() throws Exception {
    use("h2");
    assertThat(
            execute.check(
                input("UPDATE job SET id = 1; CREATE TABLE x (i INT)", "drop table x", "", "= 1"),
                context.environment()))
        .containsExactly(
            "'statements' on 'database' must be INSERT, UPDATE, DELETE, REPLACE or MERGE; 'CREATE' may end the transaction there",
            "'undo' on 'database' must be INSERT, UPDATE, DELETE, REPLACE or MERGE; 'drop' may end the transaction there");
    for (String hidden :
        List.of("/*! COMMIT */ UPDATE job SET id = 1", "UPDATE job SET state = '\\\\'")) {
      assertThat(execute.check(input(hidden, "DELETE FROM job", "", "= 1"), context.environment()))
          .singleElement()
          .asString()
          .contains("must have no backslash and no '/*!'");
    }
  }
}
