package io.belay.capability.backfill;

import static io.belay.capability.backfill.BackfillWorld.input;
import static io.belay.capability.backfill.BackfillWorld.undo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.step.FakeStepContext;
import io.belay.target.TargetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What others do while a backfill or its undo is at work: write, lock, delete, kill. */
@Timeout(120)
class BackfillMeanwhileIT {

  private static final Duration SHORT = Duration.ofMillis(20);

  private static BackfillWorld world;

  private FakeStepContext context;

  @BeforeAll
  static void start() throws Exception {
    world = new BackfillWorld();
  }

  @AfterAll
  static void stop() throws Exception {
    world.close();
  }

  @BeforeEach
  void table() throws Exception {
    world.sql(
        "DROP SCHEMA public CASCADE",
        "CREATE SCHEMA public",
        "CREATE TABLE job (id serial PRIMARY KEY, n numeric, state text)",
        "INSERT INTO job (n) SELECT 0 FROM generate_series(1, 200)");
    context = world.context();
  }

  /** Adds 1000 to each row; the condition stays true. */
  private static BackfillWorld.Input add() {
    return input("job", "n = n + 1000", "true");
  }

  /** The condition is false for a row that was changed. */
  private static BackfillWorld.Input mark() {
    return input("job", "state = 'new'", "state IS NULL");
  }

  private static long rows(String condition) throws SQLException {
    return world.count("SELECT count(*) FROM job WHERE " + condition);
  }

  private Future<BackfillRows.Result> begin(BackfillRows.Input input) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return context.run(world.backfill, input);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static void awaitRows(String condition, long atLeast) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> rows(condition) >= atLeast);
  }

  private static void terminateBelay() throws SQLException {
    world.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'belay run%'");
  }

  @Test
  void killedInTheMiddle_goesOnWhereItWas() throws Exception {
    BackfillRows.Input slow = add().pause(SHORT).get();
    Future<BackfillRows.Result> first = begin(slow);
    awaitRows("n = 1000", 30);
    terminateBelay();
    assertThatThrownBy(first::get)
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("the next attempt goes on behind them");
    long before = rows("n = 1000");
    assertThat(before).isBetween(30L, 190L);
    int reports = context.progressReports().size();

    assertThat(context.retry(world.backfill, slow).changed()).isEqualTo(200);
    assertThat(rows("n = 1000")).isEqualTo(200);
    assertThat(context.progressReports().get(reports))
        .endsWith("rows %d changed".formatted(before + 10));
    assertThat(context.run(world.restore, undo()).restored()).isEqualTo(200);
    assertThat(rows("n = 0")).isEqualTo(200);
  }

  @Test
  void killedBetweenItsLastCommitAndItsResult_isNotDoneTwice() throws Exception {
    context.runKilled(world.backfill, add().get());
    assertThat(context.retry(world.backfill, add().get()).changed()).isEqualTo(200);
    assertThat(rows("n = 1000")).isEqualTo(200);
  }

  @Test
  void halfOfABackfill_isTakenBack() throws Exception {
    Future<BackfillRows.Result> first = begin(add().pause(SHORT).get());
    awaitRows("n = 1000", 30);
    terminateBelay();
    assertThatThrownBy(first::get).isInstanceOf(ExecutionException.class);
    long changed = rows("n = 1000");

    assertThat(context.run(world.restore, undo()).restored()).isEqualTo(changed);
    assertThat(rows("n = 0")).isEqualTo(200);
    assertThat(world.tables()).isZero();
  }

  @Test
  void undoThatIsKilled_goesOnWhereItWas() throws Exception {
    context.run(world.backfill, add().pause(SHORT).get());
    Future<?> undo =
        CompletableFuture.runAsync(
            () -> {
              try {
                context.run(world.restore, undo());
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    awaitRows("n = 0", 30);
    terminateBelay();
    assertThatThrownBy(undo::get).isInstanceOf(ExecutionException.class);
    assertThat(context.takenBack()).isEmpty();
    long back = rows("n = 0");
    assertThat(context.retry(world.restore, undo()).restored()).isEqualTo(200 - back);
    assertThat(rows("n = 0")).isEqualTo(200);

    world.sql("UPDATE job SET n = 1000"); // somebody's own, later
    assertThat(context.retry(world.restore, undo()).restored()).isZero();
    assertThat(rows("n = 1000")).isEqualTo(200);
  }

  @Test
  void othersWriteMeanwhile_andNothingOfTheirsIsLost() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Long> writer =
        CompletableFuture.supplyAsync(
            () -> {
              long written = 0;
              try (Connection connection = world.connection()) {
                for (int i = 0; !done.get(); i++) {
                  connection
                      .createStatement()
                      .execute("UPDATE job SET n = n + 1 WHERE id = %d".formatted(1 + i * 7 % 200));
                  connection.createStatement().execute("INSERT INTO job (n) VALUES (0)");
                  written++;
                }
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
              return written;
            });
    awaitRows("n > 0", 5);
    long inserted = context.run(world.backfill, add().batch(3).get()).changed() - 200;
    done.set(true);
    long written = writer.get(10, TimeUnit.SECONDS);

    String bound =
        context
            .started(BackfillRows.class)
            .get(0)
            .saved(BackfillRows.BEGUN, BackfillRows.Begun.class)
            .orElseThrow()
            .bound()
            .get(0);
    assertThat(inserted).isEqualTo(Long.parseLong(bound) - 200).isLessThan(written);
    assertThat(rows("n >= 1000 AND id > " + bound)).as("inserted later").isZero();
    assertThat(world.count("SELECT sum(n)::bigint FROM job"))
        .isEqualTo(written + 1000 * (200 + inserted));
    assertThat(rows("id <= 200 AND n < 1000 OR n >= 2000 + %d".formatted(written))).isZero();
  }

  @Test
  void lockedRows_areLeftForLater_andNotLeftOut() throws Exception {
    Future<BackfillRows.Result> result;
    try (Connection other = world.connection()) {
      other.setAutoCommit(false);
      other.createStatement().execute("SELECT FROM job WHERE id IN (5, 150) FOR UPDATE");
      result = begin(mark().get());
      awaitRows("state = 'new'", 198);
      assertThat(result.isDone()).isFalse();
      other.rollback();
    }
    assertThat(result.get(10, TimeUnit.SECONDS).changed()).isEqualTo(200);
    assertThat(rows("state = 'new'")).isEqualTo(200);
    assertThat(context.run(world.restore, undo()).restored()).isEqualTo(200);
  }

  /** As the insert of a row that refers to it locks it. */
  @Test
  void rowsThatOthersReferTo_areChangedAtOnce() throws Exception {
    try (Connection other = world.connection()) {
      other.setAutoCommit(false);
      other.createStatement().execute("SELECT FROM job WHERE id = 5 FOR KEY SHARE");
      BackfillRows.Input impatient = mark().lockedWithin(Duration.ZERO).get();
      assertThat(context.run(world.backfill, impatient).changed()).isEqualTo(200);
      assertThat(context.progressReports()).noneMatch(line -> line.contains("locked"));
      assertThat(context.run(world.restore, undo()).restored()).isEqualTo(200);
    }
  }

  @Test
  void rowsThatStayLocked_endTheAttempt_andTheNextOneChangesThem() throws Exception {
    BackfillRows.Input impatient = add().lockedWithin(Duration.ZERO).get();
    try (Connection other = world.connection()) {
      other.setAutoCommit(false);
      other.createStatement().execute("SELECT FROM job WHERE id IN (5, 150) FOR UPDATE");
      assertThatThrownBy(() -> context.run(world.backfill, impatient))
          .isInstanceOf(TargetException.class)
          .hasMessageContainingAll("2 rows", "the first keys are 5, 150", "The other 198 rows");
      other.rollback();
    }
    assertThat(context.retry(world.backfill, impatient).changed()).isEqualTo(200);
    assertThat(rows("n = 1000")).isEqualTo(200);
  }

  @Test
  void rowsThatTheirHolderDeletesOrChanges_areHis() throws Exception {
    Future<BackfillRows.Result> result;
    try (Connection other = world.connection()) {
      other.setAutoCommit(false);
      other.createStatement().execute("DELETE FROM job WHERE id = 5");
      other.createStatement().execute("UPDATE job SET state = 'theirs' WHERE id = 6");
      result = begin(mark().get());
      awaitRows("state = 'new'", 198);
      other.commit();
    }
    assertThat(result.get(10, TimeUnit.SECONDS))
        .extracting(BackfillRows.Result::changed, BackfillRows.Result::gone)
        .containsExactly(198L, 2L);
    assertThat(context.run(world.restore, undo()).restored()).isEqualTo(198);
    assertThat(rows("state = 'theirs'")).isEqualTo(1);
  }

  @Test
  void lockOnTheWholeTable_isWaitedForShortly_andTheBatchRepeated() throws Exception {
    Future<BackfillRows.Result> result;
    try (Connection other = world.connection()) {
      result = begin(mark().pause(SHORT).get());
      awaitRows("state = 'new'", 20);
      other.setAutoCommit(false);
      other.createStatement().execute("LOCK TABLE job IN ACCESS EXCLUSIVE MODE");
      TimeUnit.MILLISECONDS.sleep(400); // longer than the lock timeout
      assertThat(result.isDone()).isFalse();
      other.rollback();
    }
    assertThat(result.get(10, TimeUnit.SECONDS).changed()).isEqualTo(200);
  }

  @Test
  void rowsThatATriggerKeeps_areNotTakenForChanged() throws Exception {
    world.sql(
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER keeps BEFORE UPDATE ON job FOR EACH ROW WHEN (OLD.id = 7) EXECUTE FUNCTION keep()");
    BackfillRows.Input impatient = mark().lockedWithin(Duration.ZERO).get();
    assertThatThrownBy(() -> context.run(world.backfill, impatient))
        .isInstanceOf(TargetException.class)
        .hasMessageContainingAll("1 rows", "a trigger keeps them", "the first keys are 7");
  }

  @Test
  void rowsThatSomebodyHasChangedSince_areLeftAlone_namedAndAsked() throws Exception {
    context.run(world.backfill, add().get());
    world.sql(
        "UPDATE job SET n = 1000.00 WHERE id = 11", // equal for SQL, and yet not what was written
        "UPDATE job SET n = NULL WHERE id = 12",
        "UPDATE job SET n = 0 WHERE id = 13", // put back by hand
        "DELETE FROM job WHERE id = 14");
    assertThatThrownBy(() -> context.run(world.restore, undo()))
        .isInstanceOf(TargetException.class)
        .hasMessageContainingAll(
            "somebody has changed 2 rows", "The first keys are 11, 12", "override this step");
    assertThat(context.takenBack()).isEmpty();
    assertThat(rows("n::text = '0'")).isEqualTo(197);
    assertThat(rows("n::text = '1000.00' OR n IS NULL")).isEqualTo(2);
    assertThat(world.tables()).isEqualTo(1);

    world.sql(
        "UPDATE job SET n = 5 WHERE id = 15", // was put back, and is no business of the undo's now
        "UPDATE job SET n = 0 WHERE id = 11",
        "UPDATE job SET n = 1000 WHERE id = 12");
    assertThat(context.retry(world.restore, undo()).restored()).isEqualTo(1);
    assertThat(rows("n = 0")).isEqualTo(198);
    assertThat(rows("n = 5")).isEqualTo(1);
    assertThat(world.tables()).isZero();
    assertThat(context.takenBack()).containsExactly("backfillRows-1");
  }

  @Test
  void undo_waitsForLockedRows() throws Exception {
    context.run(world.backfill, mark().lockedWithin(Duration.ZERO).get());
    try (Connection other = world.connection()) {
      other.setAutoCommit(false);
      other.createStatement().execute("SELECT FROM job WHERE id = 99 FOR UPDATE");
      assertThatThrownBy(() -> context.run(world.restore, undo()))
          .isInstanceOf(TargetException.class)
          .hasMessageContainingAll("1 rows", "the first keys are 99");
      assertThat(rows("state IS NULL")).isEqualTo(199);
    }
    assertThat(context.retry(world.restore, undo()).restored()).isEqualTo(1);
    assertThat(context.takenBack()).containsExactly("backfillRows-1");
  }

  /** Its client is dead, its session is not: it could change rows after the undo. */
  @Test
  void sessionOfAnEarlierAttempt_isEndedFirst() throws Exception {
    BackfillRows.Input input = mark().get();
    context.runKilledAfterSave(BackfillRows.BEGUN, world.backfill, input);
    try (BackfillSession orphan = session(context)) {
      orphan.hold("public.job", List.of());
      orphan.execute("UPDATE job SET state = 'late'");
      assertThat(context.retry(world.backfill, input).changed()).isEqualTo(200);
      assertThatThrownBy(() -> orphan.execute("SELECT 1")).isInstanceOf(SQLException.class);
    }
    context.attempt(3);
    try (BackfillSession orphan = session(context)) {
      orphan.hold("public.job", List.of());
      assertThat(context.run(world.restore, undo()).restored()).isEqualTo(200);
      assertThatThrownBy(() -> orphan.execute("SELECT 1")).isInstanceOf(SQLException.class);
    }
    assertThat(rows("state IS NULL")).isEqualTo(200);
  }

  private static BackfillSession session(FakeStepContext context) throws SQLException {
    return BackfillSession.open(
        world.connections, "db", Duration.ofSeconds(1), Duration.ZERO, context);
  }

  @Test
  void anotherRunAtWorkOnTheTable_isNotDisturbed() throws Exception {
    FakeStepContext another = world.context().runId("run-2");
    try (BackfillSession at = session(another)) {
      at.hold("public.job", List.of());
      assertThatThrownBy(() -> context.run(world.backfill, mark().get()))
          .isInstanceOf(TargetException.class)
          .hasMessageContainingAll(
              "being changed by session", "belay run-2", "This attempt changed nothing");
      at.execute("SELECT 1");
    }
    assertThat(rows("state IS NULL")).isEqualTo(200);
    assertThat(context.retry(world.backfill, mark().get()).changed()).isEqualTo(200);
  }

  @Test
  void loadThatIsNotAsWanted_isWaitedFor_andOneThatIsNotKnownEndsTheAttempt() throws Exception {
    world.sql("CREATE TABLE busy (a int)", "INSERT INTO busy VALUES (1)");
    Future<BackfillRows.Result> result =
        begin(mark().load("SELECT count(*) FROM busy", "= 0").get());
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .ignoreException(ConcurrentModificationException.class)
        .until(() -> context.progressReports().toString().contains("the load is 1, = 0 is wanted"));
    assertThat(rows("state IS NULL")).isEqualTo(200);
    world.sql("TRUNCATE busy");
    assertThat(result.get(20, TimeUnit.SECONDS).changed()).isEqualTo(200);

    for (String unknown :
        new String[] {"SELECT NULL", "SELECT 1 WHERE false", "SELECT generate_series(1, 2)"}) {
      assertThatThrownBy(() -> context.run(world.backfill, mark().load(unknown, "= 1").get()))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("one number is wanted");
    }
    assertThatThrownBy(
            () ->
                context.run(
                    world.backfill,
                    mark().load("WITH d AS (DELETE FROM job RETURNING 1) SELECT 1", "= 1").get()))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("read-only");
  }

  @Test
  void cancelled_stopsSoon_andLeavesNoTransaction() throws Exception {
    Future<BackfillRows.Result> result = begin(mark().pause(Duration.ofMinutes(5)).get());
    awaitRows("state = 'new'", 10);
    context.cancel();
    assertThatThrownBy(() -> result.get(10, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(CancellationException.class);
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(
            () ->
                world.count(
                        "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'belay run%'")
                    == 0);
    assertThat(rows("state = 'new'")).isEqualTo(10);
  }
}
