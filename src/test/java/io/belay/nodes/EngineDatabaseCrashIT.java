package io.belay.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.belay.Belay;
import io.belay.engine.control.RunControl;
import io.belay.faults.CrashingPostgres;
import io.belay.journal.Journal;
import io.belay.journal.JournalChain;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.playground.Needs;
import io.belay.playground.Scratch;
import io.belay.run.RunStatus;
import io.belay.run.Runs;
import io.belay.step.StepObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * The engine's PostgreSQL crashes and is back a moment later, while Belay itself lives on. What
 * commits did not bring to its disk themselves is lost.
 */
@DirtiesContext
@Import({CountedSteps.class, EngineDatabaseCrashIT.Moments.class})
@SpringBootTest(
    classes = Belay.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "belay.processes=src/test/resources/web/processes",
      "belay.environments=src/test/resources/web/environments",
      "belay.artifacts.directory=target/crash-test-artifacts",
      "belay.step.lock=4s",
      "belay.step.heartbeat=1s",
      "spring.datasource.hikari.connection-timeout=10000",
      "spring.datasource.hikari.validation-timeout=1000"
    })
@Timeout(300)
class EngineDatabaseCrashIT {

  private static final String STEP = "Task_Count";
  private static final String ENTRY =
      "SELECT 1 FROM belay_journal WHERE run_id = ? AND activity_id = '" + STEP + "' AND kind = ";
  private static final String TASK =
      "SELECT 1 FROM act_ru_ext_task t JOIN act_ru_execution e ON e.id_ = t.proc_inst_id_"
          + " WHERE e.root_proc_inst_id_ = ? AND t.worker_id_ ";

  private static Path directory;
  private static CrashingPostgres database;
  private static EffectCounter target;

  @Autowired Moments moments;
  @Autowired RunControl control;
  @Autowired Runs runs;
  @Autowired Journal journal;
  @Autowired JournalChain chain;
  private volatile CrashingPostgres survivor;

  /** What happens at the moments of the counting step. */
  @TestComponent
  static class Moments implements StepObserver {

    /** Something that may fail. */
    interface Action {
      void at(Moment moment, String run) throws Exception;
    }

    private volatile Action action = (moment, run) -> {};

    @Override
    public void reached(Moment moment, String runId, String activityId, String step) {
      if (activityId.equals(STEP)) {
        try {
          action.at(moment, runId);
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  @DynamicPropertySource
  static void settings(DynamicPropertyRegistry registry) throws Exception {
    directory = Scratch.directory("crash");
    database = new CrashingPostgres(directory.resolve("data"));
    target = new EffectCounter();
    registry.add("belay.journal.anchor", () -> directory.resolve("anchor").toString());
    registry.add("spring.datasource.url", database::jdbcUrl);
    registry.add("spring.datasource.username", () -> "postgres");
    registry.add("spring.datasource.password", () -> "postgres");
    registry.add("belay.test.target", target::url);
    Cluster.users().forEach((name, value) -> registry.add(name, () -> value));
  }

  @AfterAll
  static void end() throws Exception {
    database.close();
    target.close();
  }

  @BeforeEach
  void needsProc() {
    Needs.that(Files.isDirectory(Path.of("/proc/self")), "Linux's /proc");
  }

  @AfterEach
  void clear() {
    moments.action = (moment, run) -> {};
  }

  /**
   * Lock and intent are there together or not at all, so are the result and the engine's way on.
   */
  @ParameterizedTest
  @EnumSource
  void crash_keepsWhatWasCommitted_andTheStepIsDoneOnce(StepObserver.Moment moment)
      throws Exception {
    String name = "r-" + moment.name().toLowerCase(Locale.ROOT).replace('_', '-');
    String run = crashIn(name, moment);

    boolean begun = moment != StepObserver.Moment.BEFORE_INTENT;
    try (CrashingPostgres left = survivor;
        Connection connection =
            DriverManager.getConnection(left.jdbcUrl(), "postgres", "postgres")) {
      assertThat(has(connection, run, ENTRY + "'INTENT'")).as("intent").isEqualTo(begun);
      assertThat(has(connection, run, TASK + "IS NOT NULL")).as("lock").isEqualTo(begun);
      assertThat(has(connection, run, TASK + "IS NULL")).as("no lock").isEqualTo(!begun);
      assertThat(has(connection, run, ENTRY + "'RESULT'")).as("result").isFalse();
    }
    goesOnAndCompletes(run, name);
  }

  /** Starts a run whose first attempt at the step meets a crash. */
  private String crashIn(String name, StepObserver.Moment crash) throws Exception {
    Path copy = directory.resolve("survivor-" + name);
    AtomicInteger reached = new AtomicInteger();
    moments.action =
        (moment, run) -> {
          if (moment == crash && reached.getAndIncrement() == 0) {
            database.crash();
            survivor = database.survivor(copy);
            database.start();
          }
        };
    survivor = null;
    database.holdLog();
    String run =
        control.start(
            "web-test", name, Map.of("environment", "test", "count", 3, "pause", "PT0S"), "olga");
    soon().until(() -> survivor != null);
    return run;
  }

  private static boolean has(Connection connection, String run, String query) throws Exception {
    try (var statement = connection.prepareStatement(query)) {
      statement.setString(1, run);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  private void goesOnAndCompletes(String run, String name) {
    soon().until(() -> runs.status(run).orElseThrow() == RunStatus.WAITING_FOR_PERSON);
    String task = runs.find(run).orElseThrow().tasks().get(0).id();
    control.complete(
        task, Map.of("decision", "go", "reason", "it is back", "looked", true), "anna");
    soon().until(() -> runs.status(run).orElseThrow() == RunStatus.COMPLETED);

    assertThat(target.count(name + "-done")).isOne();
    assertThat(counted(run, Kind.RESULT)).hasSize(1);
    assertThat(journal.entries(run, Kind.INCIDENT)).isEmpty();
    assertThat(chain.check().problems()).isEmpty();
  }

  private List<JournalEntry> counted(String run, Kind kind) {
    return journal.entries(run, kind).stream()
        .filter(entry -> STEP.equals(entry.activityId()))
        .toList();
  }

  private static ConditionFactory soon() {
    return await()
        .atMost(Duration.ofSeconds(100))
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptions(); // of questions that find no database
  }
}
