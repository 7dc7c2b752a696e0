package io.belay.capability.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.command.ChildProcesses;
import io.belay.step.BusinessStop;
import io.belay.step.Expectations;
import io.belay.step.FakeStepContext;
import io.belay.step.StepPlan;
import io.belay.step.Verdict;
import io.belay.target.Command;
import io.belay.target.CommandTarget;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.HttpProbe;
import io.belay.target.Target;
import io.belay.target.TargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drains a real table to a real server and a real command. */
class DrainOutboxIT {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Connections CONNECTIONS = new Connections();
  private static OutboxDatabase database;

  private final DrainOutbox drain =
      new DrainOutbox(CONNECTIONS, new HttpProbe(), new ChildProcesses());
  private EventReceiver receiver;
  private FakeStepContext context;

  @BeforeAll
  static void start() throws Exception {
    database = new OutboxDatabase();
  }

  @AfterAll
  static void stop() throws Exception {
    CONNECTIONS.close();
    database.close();
  }

  @BeforeEach
  void world() throws Exception {
    database.begin();
    receiver = new EventReceiver();
    context = contextWith(receiver.target());
  }

  @AfterEach
  void end() {
    receiver.close();
  }

  private static FakeStepContext contextWith(Target publisher) {
    return new FakeStepContext(Map.of("shop", database.target(), "events", publisher));
  }

  private DrainOutbox.Result run() throws Exception {
    return context.run(drain, OutboxDatabase.input(4, PATIENCE));
  }

  private static DrainOutbox.Input input(String changed, String value) {
    var usual = OutboxDatabase.input(4, PATIENCE);
    return new DrainOutbox.Input(
        usual.database(),
        usual.publisher(),
        changed.equals("path") ? value : usual.path(),
        changed.equals("expect") ? Expectations.valueOf(value) : usual.expect(),
        changed.equals("table") ? value : usual.table(),
        changed.equals("id") ? value : usual.id(),
        changed.equals("aggregate") ? value : usual.aggregate(),
        usual.type(),
        changed.equals("payload") ? value : usual.payload(),
        changed.equals("processed") ? List.of(value.split(",")) : usual.processed(),
        changed.equals("order") ? value : usual.order(),
        usual.batch(),
        usual.attempts(),
        usual.pause(),
        usual.patience());
  }

  @Test
  void events_arePublishedInOrder_asCloudEvents_andMarked() throws Exception {
    for (int i = 0; i < 10; i++) {
      database.insert("order-" + i % 3);
    }

    var result = run();

    assertThat(result).isEqualTo(new DrainOutbox.Result(Verdict.PASS, result.reason(), 10, 0, 0));
    assertThat(receiver.acceptedIds()).containsExactlyElementsOf(database.ids("processed"));
    assertThat(receiver.accepted().get(0).event())
        .hasToString(
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/postgres/outbox_events\","
                + "\"type\":\"Changed\",\"subject\":\"order-0\",\"datacontenttype\":\"application/json\","
                + "\"data\":{\"total\":9223372036854775807}}");
    assertThat(run().published()).isZero();
  }

  @Test
  void eventThatCommitsLate_isWaitedFor_andComesFirst() throws Exception {
    try (Connection late = database.connect()) {
      late.setAutoCommit(false);
      long first = OutboxDatabase.insert(late, "order-1");
      long second = database.insert("order-1");
      var draining = CompletableFuture.supplyAsync(this::unchecked);
      assertThatThrownBy(() -> draining.get(400, TimeUnit.MILLISECONDS))
          .isInstanceOf(java.util.concurrent.TimeoutException.class);
      assertThat(receiver.acceptedIds()).isEmpty();

      late.commit();

      assertThat(draining.get(10, TimeUnit.SECONDS).published()).isEqualTo(2);
      assertThat(receiver.acceptedIds()).containsExactly(first, second);
    }
  }

  /** The horizon is above transaction 100, so a reader that asks it only would publish event 2. */
  @Test
  void lateEventOfAYoungerTransaction_comesFirst_too() throws Exception {
    try (Connection older = database.connect();
        Connection younger = database.connect()) {
      older.setAutoCommit(false);
      younger.setAutoCommit(false);
      OutboxDatabase.run(older, "INSERT INTO other VALUES (1)"); // has its number now
      long first = OutboxDatabase.insert(younger, "order-1");
      long second = OutboxDatabase.insert(older, "order-1");
      older.commit();
      try (Connection reader = database.connect()) {
        assertThat(
                OutboxDatabase.number(
                    reader,
                    "SELECT count(*) FROM outbox_events WHERE xmin::text::bigint"
                        + " < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"))
            .as("below the horizon")
            .isEqualTo(1);
      }
      var draining = CompletableFuture.supplyAsync(this::unchecked);
      assertThatThrownBy(() -> draining.get(400, TimeUnit.MILLISECONDS))
          .isInstanceOf(java.util.concurrent.TimeoutException.class);

      younger.commit();

      draining.get(10, TimeUnit.SECONDS);
      assertThat(receiver.acceptedIds()).containsExactly(first, second);
    }
  }

  private DrainOutbox.Result unchecked() {
    try {
      return run();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void writerThatDoesNotEnd_isNamedByItsPid_andNothingIsPublished() throws Exception {
    database.insert("order-1");
    try (Connection open = database.connect()) {
      open.setAutoCommit(false);
      OutboxDatabase.insert(open, "order-2");
      long pid = OutboxDatabase.number(open, "SELECT pg_backend_pid()");

      assertThatThrownBy(() -> context.run(drain, OutboxDatabase.input(4, SHORT)))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("session %d of user postgres", pid)
          .hasMessageContaining("Nothing was published");
      assertThat(receiver.acceptedIds()).isEmpty();
    }
  }

  @Test
  void preparedTransaction_isNamed() throws Exception {
    database.insert("order-1");
    try (Connection open = database.connect()) {
      open.setAutoCommit(false);
      OutboxDatabase.insert(open, "order-2");
      OutboxDatabase.run(open, "PREPARE TRANSACTION 'forgotten'");
      try {
        assertThatThrownBy(() -> context.run(drain, OutboxDatabase.input(4, SHORT)))
            .isInstanceOf(TargetException.class)
            .hasMessageContaining("a prepared transaction");
      } finally {
        database.execute("ROLLBACK PREPARED 'forgotten'");
      }
    }
  }

  @Test
  void forgottenTransactionElsewhere_andReaders_doNotHoldTheDrain() throws Exception {
    database.insert("order-1");
    try (Connection elsewhere = database.connect();
        Connection reader = database.connect()) {
      elsewhere.setAutoCommit(false);
      OutboxDatabase.run(elsewhere, "INSERT INTO other VALUES (1)");
      reader.setAutoCommit(false);
      OutboxDatabase.number(reader, "SELECT count(*) FROM outbox_events");

      assertThat(run().published()).isEqualTo(1);
    }
  }

  @Test
  void poisonEvent_stopsItsAggregateOnly_untilItIsPutRight() throws Exception {
    for (int i = 0; i < 12; i++) {
      database.insert("order-" + i % 3); // 2, 5, 8, 11 are order-1
    }
    receiver.answers(event -> event.id() == 5 ? 422 : 204);

    var stopped = run();

    assertThat(stopped.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(stopped.reason())
        .contains("event 5 of aggregate order-1", "422", "(3 times)")
        .doesNotContain("hidden-token");
    assertThat(stopped.published()).isEqualTo(9);
    assertThat(stopped.stopped()).isEqualTo(1);
    assertThat(stopped.left()).isEqualTo(3);
    assertThat(database.ids("NOT processed")).containsExactly(5L, 8L, 11L);
    assertThat(receiver.offeredIds().stream().filter(id -> id == 5)).hasSize(3);
    assertThat(receiver.offeredIds()).doesNotContain(8L, 11L);

    receiver.answers(event -> 204);
    assertThat(run().verdict()).isEqualTo(Verdict.PASS);
    assertThat(receiver.byAggregate()).containsEntry("order-1", List.of(2L, 5L, 8L, 11L));
  }

  @Test
  void eventThatIsRefusedOnce_isOfferedAgain_beforeThoseBehindIt() throws Exception {
    for (int i = 0; i < 6; i++) {
      database.insert("order-" + i % 2);
    }
    AtomicInteger refused = new AtomicInteger();
    receiver.answers(event -> event.id() == 1 && refused.getAndIncrement() < 2 ? 500 : 204);

    assertThat(run().verdict()).isEqualTo(Verdict.PASS);
    assertThat(receiver.byAggregate())
        .containsEntry("order-0", List.of(1L, 3L, 5L))
        .containsEntry("order-1", List.of(2L, 4L, 6L));
  }

  /** It must not be waited for until the end of days. */
  @Test
  void refusedEventThatSomebodyElseMarks_isLeftToThem() throws Exception {
    database.insert("order-1");
    database.insert("order-2");
    receiver.answers(
        event -> {
          if (event.id() == 1) {
            mark(1);
          }
          return event.id() == 1 ? 500 : 204;
        });

    assertThat(run().verdict()).isEqualTo(Verdict.PASS);
    assertThat(receiver.offeredIds()).containsExactly(1L, 2L);
  }

  private static void mark(long id) {
    try {
      database.execute("UPDATE outbox_events SET processed = true WHERE id = " + id);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void publisherThatRefusesEverything_isNotAskedForEachAggregate() throws Exception {
    database.execute(
        "INSERT INTO outbox_events (aggregate_id, type) SELECT 'order-' || n, 'Changed' FROM generate_series(1, 400) n");
    receiver.answers(event -> 400);

    var stopped = context.run(drain, OutboxDatabase.input(50, PATIENCE));

    assertThat(stopped.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(stopped.reason()).contains("others, see the log").hasSizeLessThan(2001);
    assertThat(receiver.offeredIds()).hasSizeLessThan(3 * 160);
    assertThat(stopped.left()).isEqualTo(400);
  }

  @Test
  void publisherThatIsDown_failsTheAttempt_andLosesNothing() throws Exception {
    for (int i = 0; i < 3; i++) {
      database.insert("order-" + i);
    }
    receiver.close();

    assertThatThrownBy(this::run)
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("'events' does not answer")
        .hasMessageContaining("connection refused");
    assertThat(database.ids("NOT processed")).hasSize(3);
  }

  @Test
  void overloadedPublisher_failsTheAttempt_afterTenEvents_andWhatWasAcceptedIsMarked()
      throws Exception {
    for (int i = 0; i < 30; i++) {
      database.insert("order-" + i);
    }
    receiver.answers(event -> event.id() <= 6 ? 204 : 503);

    assertThatThrownBy(() -> context.run(drain, OutboxDatabase.input(50, PATIENCE)))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("503");
    assertThat(receiver.offeredIds()).hasSize(16);
    assertThat(database.ids("processed")).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
  }

  @Test
  void cancelledStep_marksWhatWasAccepted() throws Exception {
    for (int i = 0; i < 4; i++) {
      database.insert("order-" + i);
    }
    receiver.answers(
        event -> {
          if (event.id() == 3) {
            context.cancel();
          }
          return 204;
        });

    assertThatThrownBy(this::run).isInstanceOf(CancellationException.class);
    assertThat(database.ids("processed")).contains(1L, 2L).doesNotContain(4L);
    assertThat(receiver.offeredIds()).doesNotContain(4L);
  }

  @Test
  void twoDrainsAtOnce_workOneAfterTheOther() throws Exception {
    for (int i = 0; i < 60; i++) {
      database.insert("order-" + i % 3);
    }
    List<CompletableFuture<DrainOutbox.Result>> drains = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      FakeStepContext own = contextWith(receiver.target()).runId("run-" + i);
      drains.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return own.run(drain, OutboxDatabase.input(4, PATIENCE));
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              }));
    }

    long published = 0;
    for (var one : drains) {
      published += one.get(20, TimeUnit.SECONDS).published();
    }
    assertThat(published).isEqualTo(60);
    assertThat(receiver.acceptedIds()).hasSize(60).isSorted();
  }

  @Test
  void anotherDrainThatDoesNotEnd_isNamed() throws Exception {
    database.insert("order-1");
    try (Connection other = lockHolder("belay run-2 0")) {
      long pid = OutboxDatabase.number(other, "SELECT pg_backend_pid()");
      assertThatThrownBy(() -> context.run(drain, OutboxDatabase.input(4, SHORT)))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("another drain")
          .hasMessageContaining("session %d (belay run-2 0", pid);
      assertThat(receiver.acceptedIds()).isEmpty();
    }
  }

  @Test
  void sessionOfAnEarlierAttempt_isEnded() throws Exception {
    database.insert("order-1");
    AtomicInteger arrived = new AtomicInteger();
    String[] name = new String[1];
    receiver.answers(
        event -> {
          name[0] = arrived.getAndIncrement() == 0 ? holderName() : name[0];
          return 204;
        });
    run();
    database.insert("order-1");
    try (Connection paused = lockHolder(name[0])) {
      assertThat(context.retry(drain, OutboxDatabase.input(4, PATIENCE)).published()).isEqualTo(1);
      assertThat(paused.isValid(1)).isFalse();
    }
  }

  private static String holderName() {
    try (Connection connection = database.connect();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)"
                    + " WHERE locktype = 'advisory'")) {
      row.next();
      return row.getString(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Connection lockHolder(String name) throws SQLException {
    Connection connection = database.connect();
    connection.setClientInfo("ApplicationName", name);
    OutboxDatabase.run(
        connection,
        "SELECT pg_advisory_lock(hashtextextended('belay outbox ' || 'outbox_events'::regclass::oid, 0))");
    return connection;
  }

  @Test
  void drainWhoseSessionIsEnded_publishesNothingMore() throws Exception {
    for (int i = 0; i < 4; i++) {
      database.insert("order-" + i);
    }
    receiver.answers(
        event -> {
          if (event.id() == 2) {
            endDrains();
          }
          return 204;
        });

    assertThatThrownBy(this::run)
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("publishes at most 4 events again");
    assertThat(receiver.offeredIds()).containsExactly(1L, 2L);
    assertThat(database.ids("processed")).isEmpty();
  }

  private static void endDrains() {
    try {
      database.execute(
          "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE 'belay %'");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void databaseThatTakesNoMark_isFoundBeforeAnythingIsPublished() throws Exception {
    database.insert("order-1");
    database.execute("ALTER ROLE postgres SET default_transaction_read_only = on");
    try {
      assertThatThrownBy(this::run)
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("read-only");
      assertThat(receiver.offeredIds()).isEmpty();
    } finally {
      database.execute(
          "SET default_transaction_read_only = off",
          "ALTER ROLE postgres RESET default_transaction_read_only");
    }
  }

  @Test
  void processedAt_isSetBeside_andMayDecideAlone() throws Exception {
    database.insert("order-1");
    context.run(drain, input("processed", "processed,processed_at"));
    assertThat(database.ids("processed AND processed_at IS NOT NULL")).hasSize(1);

    database.insert("order-1");
    context.run(drain, input("processed", "processed_at"));
    assertThat(database.ids("NOT processed AND processed_at IS NOT NULL")).hasSize(1);
  }

  @Test
  void flagThatIsNull_isNotProcessed() throws Exception {
    database.execute("ALTER TABLE outbox_events ALTER processed DROP NOT NULL");
    database.insert("order-1");
    database.execute("UPDATE outbox_events SET processed = NULL");

    assertThat(run().published()).isEqualTo(1);
  }

  @Test
  void eventsWithoutAggregate_areInOneOrder() throws Exception {
    for (String aggregate : List.of("NULL", "NULL", "'order-1'")) {
      database.execute(
          "INSERT INTO outbox_events (aggregate_id, type) VALUES (%s, 'Changed')"
              .formatted(aggregate));
    }
    receiver.answers(event -> event.id() == 1 ? 422 : 204);

    assertThat(run().verdict()).isEqualTo(Verdict.FAIL);
    assertThat(receiver.acceptedIds()).containsExactly(3L);
    assertThat(context.run(drain, input("aggregate", "none")).verdict()).isEqualTo(Verdict.FAIL);
    assertThat(receiver.acceptedIds()).containsExactly(3L);
  }

  @Test
  void idsThatDoNotOrder_needAnOrder_andEventsOfOneMomentStopTheirAggregate() throws Exception {
    database.execute(
        "DROP TABLE outbox_events",
        "CREATE TABLE outbox_events (key uuid PRIMARY KEY DEFAULT gen_random_uuid(), id int, aggregate_id text,"
            + " type text, payload text, processed boolean NOT NULL DEFAULT false, \"createdAt\" timestamptz NOT NULL)",
        "INSERT INTO outbox_events (id, aggregate_id, type, payload, \"createdAt\") VALUES"
            + " (1, 'a', 'Changed', 'text', '2026-01-01 10:00:00.000002Z'), (2, 'a', 'Changed', NULL, '2026-01-01 10:00:00.000001Z'),"
            + " (3, 'b', 'Changed', '', '2026-01-01 10:00Z'), (4, 'b', 'Changed', '', '2026-01-01 10:00Z'),"
            + " (5, 'c', 'Changed', '', '2026-01-01 10:00Z')");

    assertThatThrownBy(() -> context.run(drain, input("order", "key")))
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("of type uuid")
        .hasMessageContaining("'order'");

    var result = context.run(drain, input("order", "createdAt"));

    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason()).contains("of aggregate b", "has the same createdAt");
    assertThat(receiver.acceptedIds()).containsExactly(5L, 2L, 1L);
    assertThat(receiver.accepted().get(2).event().path("data").asText()).isEqualTo("text");
    assertThat(receiver.accepted().get(1).event().has("data")).isFalse();
  }

  @Test
  void partitionedTable_andOneOfAnotherSchema_areDrained() throws Exception {
    database.execute(
        "DROP SCHEMA IF EXISTS \"Events\" CASCADE",
        "CREATE SCHEMA \"Events\"",
        "CREATE TABLE \"Events\".outbox (id bigint, aggregate_id text, type text, payload jsonb, processed boolean NOT NULL DEFAULT false)"
            + " PARTITION BY RANGE (id)",
        "CREATE TABLE \"Events\".part PARTITION OF \"Events\".outbox FOR VALUES FROM (0) TO (1000)");
    try (Connection late = database.connect()) {
      late.setAutoCommit(false);
      OutboxDatabase.run(late, "INSERT INTO \"Events\".part VALUES (1, 'a', 'Changed')");
      database.execute("INSERT INTO \"Events\".part VALUES (2, 'a', 'Changed')");
      var input = input("table", "Events.outbox");
      var draining =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return context.run(drain, input);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThatThrownBy(() -> draining.get(400, TimeUnit.MILLISECONDS))
          .isInstanceOf(java.util.concurrent.TimeoutException.class);
      late.commit();
      draining.get(10, TimeUnit.SECONDS);
      assertThat(receiver.acceptedIds()).containsExactly(1L, 2L);
    }
  }

  @Test
  void tableThatDoesNotFit_isNamed_andNothingIsPublished() throws Exception {
    database.insert("order-1");
    Map<String, List<String>> refused =
        Map.of(
            "table", List.of("nothing", "has no table nothing"),
            "aggregate", List.of("owner", "no column 'owner', which 'aggregate' names"),
            "payload", List.of("body", "no column 'body', which 'payload' names"),
            "processed", List.of("type", "column type of type text; it must be a boolean"),
            "order", List.of("created", "no column 'created', which 'order' names"));
    refused.forEach(
        (name, value) ->
            assertThatThrownBy(() -> context.run(drain, input(name, value.get(0))))
                .isInstanceOf(BusinessStop.class)
                .hasMessageContaining(value.get(1)));
    assertThat(receiver.offeredIds()).isEmpty();
  }

  @Test
  void command_getsEachEventOnItsInput_andRefusesByItsExitCode(@TempDir Path directory)
      throws Exception {
    for (int i = 0; i < 4; i++) {
      database.insert("order-" + i % 2);
    }
    Path file = directory.resolve("events");
    context =
        contextWith(
            CommandTarget.of(
                Command.of(
                    "sh",
                    "-c",
                    "read event; case $event in *'\"id\":\"2\"'*) echo no room; exit 3;; esac;"
                        + " printf '%s\\n' \"$event\" >> "
                        + file)));

    var result = context.run(drain, input("path", "/"));

    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason()).contains("event 2 of aggregate order-1", "no room", "(3 times)");
    assertThat(Files.readAllLines(file))
        .satisfiesExactly(
            first -> assertThat(first).contains("\"id\":\"1\"", "\"subject\":\"order-0\""),
            third -> assertThat(third).contains("\"id\":\"3\""));
  }

  @Test
  void whatIsExpected_judgesTheAnswer() throws Exception {
    database.insert("order-1");
    assertThat(context.run(drain, input("expect", "contains stored")).verdict())
        .isEqualTo(Verdict.FAIL);
    assertThat(context.run(drain, input("expect", "status 204")).verdict()).isEqualTo(Verdict.PASS);
  }

  @Test
  void publisherThatIsNone_isRefusedBeforeTheRun() {
    var input = OutboxDatabase.input(4, PATIENCE);
    assertThat(drain.check(input, environment(database.target())))
        .containsExactly(
            "'publisher' must name a target of type http or command, and 'events' is none");
    var changeOnly =
        new CommandTarget(
            null, Command.of("a"), Command.of("b"), Command.of("c"), Map.of(), List.of());
    assertThat(drain.check(input, environment(changeOnly)))
        .hasSize(2)
        .anyMatch(problem -> problem.contains("has no 'run'"))
        .anyMatch(problem -> problem.contains("'path' is for an http target"));
    assertThat(drain.check(input, environment(receiver.target()))).isEmpty();
  }

  @Test
  void plan_saysThatItCannotBeUndone() throws Exception {
    StepPlan plan = drain.plan(OutboxDatabase.input(4, PATIENCE), environment(receiver.target()));
    assertThat(plan.effect()).isEqualTo(StepPlan.Effect.CANNOT_BE_UNDONE);
    assertThat(plan.details())
        .anyMatch(detail -> detail.contains("a kill repeats at most so many events"));
    assertThat(drain.effect()).isEqualTo(plan.effect());
  }

  private static Environment environment(Target publisher) {
    return new Environment("test", "", Map.of("shop", database.target(), "events", publisher));
  }
}
