package io.belay.capability.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.command.ChildProcesses;
import io.belay.playground.EmbeddedServers;
import io.belay.playground.Scratch;
import io.belay.step.Assignments;
import io.belay.step.FakeStepContext;
import io.belay.target.Command;
import io.belay.target.Connections;
import io.belay.target.DatabaseTarget;
import io.belay.target.HttpProbe;
import io.belay.target.MariaDbServer;
import io.belay.target.Secret;
import io.belay.target.Target;
import io.belay.target.TargetException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values in a real file, in tables of real databases, and behind real commands. */
@Timeout(180)
class SetValuesIT {

  private static final Connections CONNECTIONS = new Connections();
  private static final Map<String, String> KEYS =
      Map.of("MODE", "old|new", "LIMIT", "[0-9 ]+", "ADDED", "[a-z]*");
  private static EmbeddedPostgres postgres;
  private static MariaDbServer maria;

  private final ValueStores stores =
      new ValueStores(CONNECTIONS, new ChildProcesses(), new HttpProbe());
  private final SetValues set = new SetValues(stores);
  private final RestoreValues restore = new RestoreValues(stores);
  private Path directory;
  private FakeStepContext context;
  private Connection database;
  private Command restart;

  @BeforeEach
  void world() throws Exception {
    directory = Scratch.directory("values");
  }

  @AfterEach
  void close() throws SQLException {
    if (database != null) {
      database.close();
    }
  }

  @AfterAll
  static void stop() throws Exception {
    CONNECTIONS.close();
    if (postgres != null) {
      postgres.close();
    }
    if (maria != null) {
      maria.close();
    }
  }

  private static final String GET =
      "test -e $BELAY_KEY || exit 1; test ! -e broken || exit 7; cat $BELAY_KEY";

  private void use(String place) throws Exception {
    use(place, Map.of(), GET);
  }

  private void use(String place, Map<String, Secret> environment, String get) throws Exception {
    Map<String, Target> targets = new HashMap<>();
    switch (place) {
      case "file" -> {
        Files.writeString(file(), FILE);
        targets.put("flags", target(file(), null, null, null, null));
      }
      case "commands" -> {
        for (String key : List.of("MODE=old", "LIMIT=10")) {
          Files.writeString(directory.resolve(key.split("=")[0]), key.split("=")[1] + "\n");
        }
        targets.put(
            "flags",
            target(
                null,
                null,
                new Command(
                    List.of("sh", "-c", get), directory, environment, Duration.ofSeconds(20)),
                shell("echo \"$BELAY_VALUE\" >$BELAY_KEY; test ! -e \"half-$BELAY_KEY\""),
                shell("rm -f $BELAY_KEY")));
      }
      default -> {
        DatabaseTarget server = place.equals("mariadb") ? mariaDb() : postgres();
        database = CONNECTIONS.sql(server);
        sql("DROP TABLE IF EXISTS setting");
        sql(
            "CREATE TABLE setting (id VARCHAR(50) PRIMARY KEY, val VARCHAR(50), note INT DEFAULT 7)");
        sql("INSERT INTO setting (id, val) VALUES ('MODE', 'old'), ('LIMIT', '10')");
        targets.put("shop", server);
        targets.put("flags", target(null, "shop", null, null, null));
      }
    }
    context = new FakeStepContext(targets);
  }

  private static final String FILE =
      "# of the shop\r\nexport MODE=old # for now\r\nLIMIT=\"10\"\r\nTOKEN='s3cret'";

  private Path file() {
    return directory.resolve(".env");
  }

  private ValuesTarget target(Path file, String base, Command get, Command put, Command unset) {
    return new ValuesTarget(
        KEYS,
        file,
        EnvDialect.DOTENV,
        base,
        "setting",
        "id",
        "val",
        get,
        put,
        unset,
        null,
        null,
        null,
        restart);
  }

  private Command shell(String script) {
    return new Command(List.of("sh", "-c", script), directory, Map.of(), Duration.ofSeconds(20));
  }

  private static DatabaseTarget postgres() throws Exception {
    if (postgres == null) {
      postgres = EmbeddedServers.postgres().start();
    }
    String url = "jdbc:postgresql://localhost:%d/postgres".formatted(postgres.getPort());
    return server(url, "postgres", Secret.none());
  }

  private static DatabaseTarget mariaDb() throws Exception {
    if (maria == null) {
      maria = MariaDbServer.start(Scratch.directory("mariadb"));
    }
    String url = "jdbc:mariadb://127.0.0.1:%d/shop".formatted(maria.port());
    return server(url, "app", Secret.of(MariaDbServer.PASSWORD));
  }

  private static DatabaseTarget server(String url, String user, Secret password) {
    return new DatabaseTarget(url, user, password, Duration.ofSeconds(5), Duration.ofSeconds(20));
  }

  private void sql(String statement) throws SQLException {
    database.createStatement().execute(statement);
  }

  /** As whoever uses them reads them. */
  private Map<String, String> values() throws Exception {
    Map<String, String> values = new TreeMap<>();
    if (Files.exists(file())) {
      EnvFile.parse(Files.readAllBytes(file()), EnvDialect.DOTENV)
          .entries()
          .forEach((key, entry) -> values.put(key, entry.value().reveal()));
      values.remove("TOKEN");
    } else if (database != null) {
      try (ResultSet row = database.createStatement().executeQuery("SELECT id, val FROM setting")) {
        while (row.next()) {
          values.put(row.getString(1), row.getString(2));
        }
      }
    } else {
      for (String key : KEYS.keySet()) {
        if (Files.exists(directory.resolve(key))) {
          values.put(key, Files.readString(directory.resolve(key)).strip());
        }
      }
    }
    return values;
  }

  private static SetValues.Input input(String values) {
    return new SetValues.Input("flags", Assignments.valueOf(values), false);
  }

  private static final SetValues.Input NEW = input("MODE=new\nLIMIT=1 000\nADDED=yes");
  private static final Map<String, String> BEFORE = Map.of("MODE", "old", "LIMIT", "10");
  private static final Map<String, String> AFTER =
      Map.of("MODE", "new", "LIMIT", "1 000", "ADDED", "yes");

  private static RestoreValues.Input undo() {
    return new RestoreValues.Input("none");
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "commands", "postgresql", "mariadb"})
  void values_areSet_andTheFormerOnesComeBack_absentAsAbsent(String place) throws Exception {
    use(place);
    assertThat(context.run(set, NEW).changed()).isEqualTo(3);
    assertThat(values()).isEqualTo(AFTER);

    assertThat(context.run(restore, undo()).restored()).isEqualTo(3);
    assertThat(values()).isEqualTo(BEFORE);
    assertThat(context.run(restore, undo()).restored()).isZero();
    assertThat(context.takenBack()).containsOnly("setValues-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "commands", "postgresql", "mariadb"})
  void killedAttempt_isRepeated_andTheFormerValuesAreThoseBeforeTheFirst(String place)
      throws Exception {
    use(place);
    context.runKilledAfterSave(SetValues.BEFORE, set, NEW);
    assertThat(values()).isEqualTo(BEFORE);
    assertThat(context.retry(set, NEW).changed()).isEqualTo(3);
    assertThat(context.retry(set, NEW).changed()).isEqualTo(3);
    assertThat(values()).isEqualTo(AFTER);

    context.runKilled(restore, undo());
    assertThat(context.retry(restore, undo()).restored()).isZero();
    assertThat(values()).isEqualTo(BEFORE);
  }

  @Test
  void application_readsTheValuesAgain_afterTheChange_andAfterTheUndo() throws Exception {
    restart = shell("cp .env read; echo >>restarts; test ! -e broken");
    use("file");
    context.run(set, input("MODE=old"));
    assertThat(directory.resolve("read")).doesNotExist();
    context.run(set, NEW);
    assertThat(directory.resolve("read")).hasSameTextualContentAs(file());

    Files.createFile(directory.resolve("broken"));
    assertThatThrownBy(() -> context.run(restore, undo()))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("the values of 'flags' are set, but")
        .hasMessageContaining("exit code 1");
    Files.delete(directory.resolve("broken"));
    context.retry(restore, undo());
    assertThat(values()).isEqualTo(BEFORE);
    assertThat(directory.resolve("read")).hasSameTextualContentAs(file());
    assertThat(Files.readAllLines(directory.resolve("restarts"))).hasSize(3);
  }

  @Test
  void commandThatFails_leavesAPart_whichTheUndoTakesBack() throws Exception {
    use("commands");
    Files.createFile(directory.resolve("half-LIMIT"));
    assertThatThrownBy(() -> context.run(set, NEW))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("'LIMIT' was not set");
    assertThat(values()).containsEntry("ADDED", "yes").containsEntry("MODE", "old");
    Files.delete(directory.resolve("half-LIMIT"));

    assertThat(context.run(restore, undo()).restored()).isEqualTo(2);
    assertThat(values()).isEqualTo(BEFORE);
  }

  @Test
  void valueThatCannotBeTold_isNotTakenForAbsent() throws Exception {
    use("commands");
    Files.createFile(directory.resolve("broken"));
    assertThatThrownBy(() -> context.run(set, NEW))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("is not known");
    assertThat(context.run(restore, undo()).restored()).isZero();
    assertThat(values()).isEqualTo(BEFORE);
  }

  @Test
  void failureWithTheExitCodeOfAnAbsentKey_isNotTakenForAbsent() throws Exception {
    use("commands", Map.of(), "echo 'no connection' >&2; exit 1");
    assertThatThrownBy(() -> context.run(set, NEW))
        .isInstanceOf(TargetException.class)
        .hasMessageContainingAll("is not known", "no connection");
    assertThat(values()).isEqualTo(BEFORE);
  }

  @Test
  void formerValueThatIsASecretOfTheCommands_comesBackAsItWas() throws Exception {
    use("commands", Map.of("TOKEN", Secret.of("s3cret")), GET);
    Files.writeString(directory.resolve("MODE"), "s3cret\r\n\n");
    context.run(set, NEW);
    assertThat(context.run(restore, undo()).restored()).isEqualTo(3);
    assertThat(Files.readString(directory.resolve("MODE"))).isEqualTo("s3cret\r\n\n");
  }

  @Test
  void formerValueThatNoVariableCanHold_isNotReplaced() throws Exception {
    use("commands");
    byte[] former = {'o', 0, 'd'};
    Files.write(directory.resolve("MODE"), former);
    assertThatThrownBy(() -> context.run(set, NEW))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("nothing was set");
    assertThat(directory.resolve("MODE")).hasBinaryContent(former);
  }

  @Test
  void restOfTheFile_staysAsItIs_andFormerValuesStandInNoRecord() throws Exception {
    use("file");
    context.run(set, input("MODE=new\nADDED=yes"));
    assertThat(file())
        .hasContent(
            "# of the shop\r\nexport MODE=new # for now\r\nLIMIT=\"10\"\r\nTOKEN='s3cret'\r\nADDED=yes\r\n");
    context.run(restore, undo());
    assertThat(Files.readString(file())).isEqualTo(FILE + "\r\n");
    assertThat(context.logs()).noneMatch(line -> line.contains("old") || line.contains("s3cret"));
    assertThat(context.started("setValues").get(0).saved(SetValues.BEFORE, SetValues.Before.class))
        .get()
        .asString()
        .doesNotContain("old");
  }

  @Test
  void valueThatSomebodySetMeanwhile_isReplaced_andTheLogSaysSo() throws Exception {
    use("postgresql");
    context.run(set, NEW);
    sql("UPDATE setting SET val = 'other' WHERE id = 'MODE'");
    assertThat(context.run(restore, undo()).restored()).isEqualTo(3);
    assertThat(values()).isEqualTo(BEFORE);
    assertThat(context.logs())
        .anyMatch(line -> line.startsWith("'flags' has values that this run"));
  }

  @Test
  void whatTheTargetDoesNotTake_isRefusedBeforeTheRun_andThePlanShowsTheRest() throws Exception {
    use("postgresql");
    assertThat(set.check(input("MODE=loud\nOTHER=1"), context.environment()))
        .hasSize(2)
        .anyMatch(problem -> problem.contains("'loud', which does not match 'old|new'"))
        .anyMatch(problem -> problem.contains("has no key 'OTHER'"));
    assertThat(set.plan(NEW, context.environment()).details())
        .contains("MODE becomes 'new'", "LIMIT becomes '1 000'");
  }
}
