package io.belay.runbooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.belay.engine.control.RunControl;
import io.belay.journal.Kind;
import io.belay.playground.Fault;
import io.belay.playground.World;
import io.belay.run.RunStatus;
import io.belay.run.RunView;
import io.belay.run.RunView.GateView;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Blob;
import java.sql.Clob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * The runbook {@code main-server-v1-to-v2} on the real world of the playground, to the end,
 * whatever database the engine has.
 */
abstract class MainServerContract extends RunbookContract {

  static final World WORLD = World.shared();

  @Autowired private DataSource engineDatabase;

  MainServerContract() {
    super("main-server-v1-to-v2", WORLD);
  }

  @DynamicPropertySource
  static void world(DynamicPropertyRegistry registry) throws Exception {
    configure(registry, WORLD, "environments");
  }

  @AfterAll
  static void usersRest() {
    WORLD.users().rest();
  }

  @Test
  void blueGreen_goesThroughAllWeights_andEndsOnV2() throws Exception {
    Map<String, Object> parameters = quick();
    parameters.put("weights", "10,25,50,100");
    String run = start(parameters);
    RunView view = operator.awaitStatus(run, RunStatus.COMPLETED);

    assertThat(phases(view))
        .containsExactly(
            "Phase_Preparation",
            "Phase_Backup",
            "Phase_Approval",
            "Phase_DatabaseMigration",
            "Phase_ProgressiveRollout",
            "Phase_Soak",
            "Phase_Cleanup",
            "Phase_Decommission");
    assertThat(weights(run)).containsSubsequence("10", "25", "50", "100");
    assertThat(view.gates()).extracting(GateView::verdict).contains("PASS");
    assertThat(artifacts.ofRun(run))
        .extracting(artifact -> artifact.kind())
        .contains("postgres-backup", "redis-backup", "configuration", "fingerprint");
    try (var database = WORLD.database();
        var tables = database.getMetaData().getTables(null, "public", "messages", null)) {
      assertThat(tables.next()).isTrue();
    }
    assertThat(WORLD.services().runs("v2", "green")).isTrue();
    assertThat(WORLD.services().runs("v1", "main-1")).isFalse();
    assertThat(tablesThatHold(secretsOfTheWorld())).isEmpty();
  }

  private static List<String> secretsOfTheWorld() throws Exception {
    List<String> secrets =
        new ArrayList<>(
            WORLD.properties().entrySet().stream()
                .filter(
                    property -> property.getKey().matches(".*(password|token|notifications.url)"))
                .map(Map.Entry::getValue)
                .toList());
    Files.readAllLines(WORLD.directory().resolve("config/v1.env")).stream()
        .filter(line -> line.startsWith("FEISHU_APP_SECRET="))
        .forEach(line -> secrets.add(line.substring(line.indexOf('=') + 1)));
    assertThat(secrets).hasSize(6).allMatch(secret -> secret.length() > 10);
    return secrets;
  }

  /** Of the engine and of the journal: variables, history, jobs, entries. */
  private Set<String> tablesThatHold(Collection<String> secrets) throws Exception {
    Set<String> found = new TreeSet<>();
    try (var connection = engineDatabase.getConnection();
        var tables =
            connection
                .getMetaData()
                .getTables(null, connection.getSchema(), null, new String[] {"TABLE"});
        var statement = connection.createStatement()) {
      while (tables.next()) {
        String table = tables.getString("TABLE_NAME");
        try (var rows = statement.executeQuery("SELECT * FROM \"" + table + "\"")) {
          int columns = rows.getMetaData().getColumnCount();
          while (rows.next()) {
            for (int column = 1; column <= columns; column++) {
              String value = text(rows.getObject(column));
              if (secrets.stream().anyMatch(value::contains)) {
                found.add(table + "." + rows.getMetaData().getColumnName(column));
              }
            }
          }
        }
      }
    }
    return found;
  }

  private static String text(Object value) throws Exception {
    if (value instanceof Blob blob) {
      return new String(blob.getBytes(1, (int) blob.length()), StandardCharsets.ISO_8859_1);
    }
    if (value instanceof Clob clob) {
      return clob.getSubString(1, (int) clob.length());
    }
    return value instanceof byte[] bytes
        ? new String(bytes, StandardCharsets.ISO_8859_1)
        : String.valueOf(value);
  }

  /** What is broken outside must be mended before the way back can end. */
  void mendOnTheWayBack(String run) {
    await()
        .atMost(Duration.ofSeconds(120))
        .until(
            () -> {
              RunStatus status = operator.status(run);
              return status == RunStatus.ROLLING_BACK
                  || status == RunStatus.ROLLBACK_INCOMPLETE
                  || status.isFinal()
                  || answer(run);
            });
    WORLD.repair();
    retryUntilNothingFails(run);
  }

  private void retryUntilNothingFails(String run) {
    await()
        .atMost(Duration.ofSeconds(120))
        .until(
            () -> {
              if (operator.status(run) == RunStatus.ROLLBACK_INCOMPLETE) {
                try {
                  control.retry(run, "operator");
                } catch (RunControl.NotPossible nothing) {
                  answer(run);
                }
              }
              return operator.status(run).isFinal();
            });
  }

  private boolean answer(String run) {
    operator.answerAll(run);
    return false;
  }

  private List<String> weights(String run) {
    return journal.ofStep(run, "shiftTraffic").stream()
        .filter(entry -> entry.kind() == Kind.RESULT)
        .map(entry -> entry.payload().path("weight").asText())
        .toList();
  }

  Map<String, Object> rolling() {
    Map<String, Object> parameters = quick();
    parameters.put("strategy", "rolling");
    return parameters;
  }

  static Fault named(String fault) {
    return Fault.named(fault);
  }
}
