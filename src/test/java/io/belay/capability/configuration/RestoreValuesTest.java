package io.belay.capability.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.command.ChildProcesses;
import io.belay.playground.Scratch;
import io.belay.step.Assignments;
import io.belay.step.FakeStepContext;
import io.belay.step.ValueStore;
import io.belay.target.CommittingConnections;
import io.belay.target.Connections;
import io.belay.target.DatabaseTarget;
import io.belay.target.HttpProbe;
import io.belay.target.Secret;
import io.belay.target.Target;
import io.belay.target.TargetException;
import io.belay.target.TestTypes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Values in a table whose connections commit when they are closed, and in a file. */
@Timeout(60)
class RestoreValuesTest {

  private final Connections connections = new CommittingConnections();
  private final ValueStores stores =
      new ValueStores(connections, new ChildProcesses(), new HttpProbe());
  private final SetValues set = new SetValues(stores);
  private final RestoreValues restore = new RestoreValues(stores);
  private final DatabaseTarget server =
      new DatabaseTarget(
          "jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=20000".formatted(UUID.randomUUID()),
          "sa",
          Secret.none(),
          Duration.ofSeconds(5),
          Duration.ofSeconds(30));
  private Path file;
  private Connection outside;
  private FakeStepContext context;

  @BeforeEach
  void world() throws Exception {
    file = Files.writeString(Scratch.directory("restore-values").resolve(".env"), "MODE=old\n");
    Map<String, Target> targets =
        Map.of(
            "shop", server,
            "table", target(null, "shop", "val"),
            "padded", target(null, "shop", "pad"),
            "file", target(file, null, null));
    context = new FakeStepContext(targets);
    outside = connections.sql(server);
    sql("CREATE TABLE setting (id VARCHAR(9) PRIMARY KEY, val VARCHAR(9), pad CHAR(9))");
    sql("INSERT INTO setting VALUES ('MODE', 'old', 'old'), ('LIMIT', '1', '1')");
  }

  @AfterEach
  void close() throws SQLException {
    outside.close();
    connections.close();
  }

  private static ValuesTarget target(Path file, String database, String column) {
    Map<String, String> keys = Map.of("MODE", "(?s).*", "LIMIT", ".*", "ADDED", ".*");
    return new ValuesTarget(
        keys,
        file,
        EnvDialect.DOTENV,
        database,
        "setting",
        "id",
        column,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  private void sql(String statement) throws SQLException {
    outside.createStatement().execute(statement);
  }

  private String value(String key) throws SQLException {
    try (ResultSet row =
        outside
            .createStatement()
            .executeQuery("SELECT val FROM setting WHERE id = '%s'".formatted(key))) {
      return row.next() ? row.getString(1) : null;
    }
  }

  private static SetValues.Input input(String target, String values) {
    return new SetValues.Input(target, Assignments.valueOf(values), false);
  }

  private static RestoreValues.Input undo() {
    return new RestoreValues.Input("none");
  }

  @Test
  void whatSomebodySet_isKeptBeforeItIsReplaced_andStaysWhenItWasSetAfterTheUndo()
      throws Exception {
    context.run(set, input("table", "MODE=new"));
    sql("UPDATE setting SET val = 'theirs' WHERE id = 'MODE'");
    assertThat(context.run(restore, undo()).restored()).isEqualTo(1);
    assertThat(value("MODE")).isEqualTo("old");
    String kept = context.started("restoreValues").get(0).artifacts().get(0);
    assertThat(FormerValues.read(context, kept)).containsExactly(Map.entry("MODE", "theirs"));
    assertThat(kept).isEqualTo("run-1/former-values-restoreValues-2-1-replaced-1");

    sql("UPDATE setting SET val = 'later' WHERE id = 'MODE'");
    assertThat(context.run(restore, undo()).restored()).isZero();
    assertThat(value("MODE")).isEqualTo("later");
    assertThat(context.takenBack()).containsOnly("setValues-1");
  }

  /** Its client is dead, its session is not: it commits after the undo has begun to look. */
  @Test
  void sessionThatAnAttemptLeft_isWaitedFor() throws Exception {
    context.runKilledAfterSave(SetValues.BEFORE, set, input("table", "MODE=new\nADDED=yes"));
    try (Connection orphan = connections.sql(server)) {
      orphan.setAutoCommit(false);
      orphan.createStatement().execute("UPDATE setting SET val = 'new' WHERE id = 'MODE'");
      CompletableFuture<Integer> undo =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return context.run(restore, undo()).restored();
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      TimeUnit.SECONDS.sleep(1);
      assertThat(undo).isNotDone();
      orphan.commit();
      assertThat(undo.get(30, TimeUnit.SECONDS)).isEqualTo(1);
    }
    assertThat(value("MODE")).isEqualTo("old");
    assertThat(value("ADDED")).isNull();
  }

  @Test
  void valueThatTheTableRefuses_doesNotHoldUpTheUndo() throws Exception {
    sql("ALTER TABLE setting ADD CHECK (val <> 'bad')");
    for (String values : List.of("LIMIT=2\nMODE=bad", "ADDED=bad", "ADDED=longer than nine")) {
      assertThatThrownBy(() -> context.run(set, input("table", values)))
          .isInstanceOf(SQLException.class);
    }
    assertThat(context.run(restore, undo()).restored()).isZero();
    assertThat(value("LIMIT")).isEqualTo("1");
  }

  @Test
  void whatAnAttemptPreparedBesideTheFile_isGoneAfterTheUndo() throws Exception {
    context.runKilledAfterSave(SetValues.BEFORE, set, input("file", "MODE=new"));
    Path part = Files.createFile(file.resolveSibling("..env.belay-part-setValues-1-1"));
    assertThat(context.run(restore, undo()).restored()).isZero();
    assertThat(part).doesNotExist();
  }

  @Test
  void columnThatMakesAnotherValueOfIt_isNotWritten_whereClosingCommits() throws Exception {
    assertThatThrownBy(() -> context.run(set, input("padded", "LIMIT=9\nMODE=new")))
        .isInstanceOf(TargetException.class)
        .hasMessageContainingAll("becomes another one", "nothing was written");
    try (ResultSet row =
        outside.createStatement().executeQuery("SELECT pad FROM setting ORDER BY id")) {
      row.next();
      assertThat(row.getString(1).strip()).isEqualTo("1");
      row.next();
      assertThat(row.getString(1).strip()).isEqualTo("old");
    }
    assertThat(context.run(restore, undo()).restored()).isZero();
  }

  @Test
  void cancelledAttempt_writesNothing() throws Exception {
    ValueStore store = stores.open("table", context);
    context.cancel();
    assertThatThrownBy(() -> store.write(Map.of("MODE", "late")))
        .isInstanceOf(CancellationException.class);
    assertThat(value("MODE")).isEqualTo("old");
  }

  @Test
  void whatCannotBe_isRefusedBeforeTheRun() {
    assertThat(set.check(input("file", "MODE=it's"), context.environment()))
        .singleElement()
        .asString()
        .contains("'MODE' has a quote, a backslash or a line end");
    assertThat(TestTypes.problems(new ValuesTargetType(), target(null, "web1", "val")))
        .containsExactly(
            "targets.d.database: must be the name of a target of type postgres or database in this file");
  }
}
