package io.belay.capability.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.capability.outbox.EventReceiver.Received;
import io.belay.command.ChildProcesses;
import io.belay.step.FakeStepContext;
import io.belay.step.Verdict;
import io.belay.target.Connections;
import io.belay.target.HttpProbe;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A drain that is killed with SIGKILL loses nothing, keeps the order of each aggregate, and repeats
 * at most one batch. As often as {@code -Dbelay.outbox.kills} says (8); its seed is printed, and
 * {@code -Dbelay.outbox.seed} takes it again.
 */
class DrainKillIT {

  private static final int KILLS = Integer.getInteger("belay.outbox.kills", 8);
  private static final long SEED = Long.getLong("belay.outbox.seed", System.nanoTime());
  private static final int WRITERS = 3;
  private static final int AGGREGATES = 8;
  private static final int BATCH = 20;

  /** The attempt that nobody kills; its context knows no fencing numbers. */
  private static final long LAST = Long.MAX_VALUE;

  @TempDir Path directory;
  private final List<Process> processes = new ArrayList<>();
  private OutboxDatabase database;
  private EventReceiver receiver;

  @BeforeEach
  void world() throws Exception {
    database = new OutboxDatabase();
    database.begin();
    receiver = new EventReceiver();
  }

  @AfterEach
  void end() throws Exception {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
    receiver.close();
    database.close();
  }

  @Test
  void threeWritersWithLateCommits_andAKillAllTheTime_loseNothingAndKeepTheOrder()
      throws Exception {
    System.out.println("belay.outbox.seed=" + SEED);
    Random random = new Random(SEED);
    AtomicBoolean done = new AtomicBoolean();
    List<long[]> commits = new ArrayList<>(); // lowest id of each transaction, as they committed
    List<Long> committed = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
    try {
      List<Future<Void>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        Random own = new Random(random.nextLong());
        writers.add(
            threads.submit(
                () -> {
                  write(own, done, commits, committed);
                  return null;
                }));
      }
      Process drain = start(1, BATCH);
      for (int kill = 1; kill <= KILLS; kill++) {
        begin(drain);
        Process next = start(kill + 1, BATCH); // is ready when this one is killed
        assertThat(drain.waitFor(300 + random.nextInt(201), TimeUnit.MILLISECONDS))
            .as("the drain ended by itself: %s", log())
            .isFalse();
        drain.destroyForcibly().waitFor();
        drain = next;
      }
      done.set(true);
      for (Future<Void> writer : writers) {
        writer.get();
      }
    } finally {
      done.set(true);
      threads.shutdownNow();
    }
    var rest = drainTheRest(BATCH);

    assertThat(rest.verdict()).as(rest.reason()).isEqualTo(Verdict.PASS);
    assertThat(rest.left()).isZero();
    assertThat(new HashSet<>(receiver.acceptedIds())).isEqualTo(new HashSet<>(committed));
    assertOrder();
    assertRepetitions(BATCH);
    assertThat(lateCommits(commits)).as("commits that came late").isGreaterThan(20);
  }

  /** How many transactions committed after one whose events have higher numbers. */
  private static long lateCommits(List<long[]> commits) {
    long highest = 0;
    long late = 0;
    for (long[] ids : commits) {
      late += ids[0] < highest ? 1 : 0;
      highest = Math.max(highest, ids[0]);
    }
    return late;
  }

  /** Writes events of all aggregates, whoever else writes them, until it is told to end. */
  private void write(Random random, AtomicBoolean done, List<long[]> commits, List<Long> committed)
      throws Exception {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      while (!done.get()) {
        if (random.nextInt(3) == 0) { // so that the transaction has its number before its events
          OutboxDatabase.run(connection, "INSERT INTO other VALUES (1)");
          Thread.sleep(random.nextInt(10));
        }
        List<Long> ids = new ArrayList<>();
        for (int events = 1 + random.nextInt(3); events > 0; events--) {
          ids.add(OutboxDatabase.insert(connection, "order-" + random.nextInt(AGGREGATES)));
          Thread.sleep(random.nextInt(3));
        }
        Thread.sleep(random.nextInt(15) == 0 ? 50 + random.nextInt(100) : random.nextInt(6));
        if (random.nextInt(10) == 0) {
          connection.rollback();
        } else {
          connection.commit();
          synchronized (commits) {
            commits.add(new long[] {ids.get(0)});
            committed.addAll(ids);
          }
        }
      }
    }
  }

  @Test
  void killRightBeforeTheMark_repeatsExactlyOneBatch_andNeverMore() throws Exception {
    for (int i = 0; i < 25; i++) {
      database.insert("order-" + i % 4);
    }
    killAt(1, 10, 10);
    assertThat(database.ids("processed")).isEmpty();
    killAt(2, 10, 14);
    assertThat(database.ids("processed")).hasSize(10);

    var rest = drainTheRest(10);

    assertThat(rest.verdict()).isEqualTo(Verdict.PASS);
    assertThat(receiver.acceptedIds()).hasSize(25 + 10 + 4);
    assertOrder();
    assertThat(assertRepetitions(10)).containsEntry(2L, 10).containsEntry(LAST, 4);
  }

  /** Kills a drain when its nth event has arrived, before it is answered. */
  private void killAt(int number, int batch, int event) throws Exception {
    Process drain = start(number, batch);
    AtomicInteger arrived = new AtomicInteger();
    receiver.onArrival(
        received -> {
          if (arrived.incrementAndGet() == event) {
            drain.destroyForcibly();
            drain.onExit().join();
          }
        });
    begin(drain);
    assertThat(drain.waitFor(20, TimeUnit.SECONDS)).as(log()).isTrue();
    receiver.onArrival(received -> {});
    assertThat(arrived).hasValue(event);
  }

  /** By the aggregate's events as they arrived first. */
  private void assertOrder() {
    receiver
        .byAggregate()
        .forEach(
            (aggregate, ids) ->
                assertThat(ids.stream().distinct().toList()).as(aggregate).isSorted());
  }

  /**
   * No attempt publishes an event twice, each is in order, and none repeats more than one batch.
   *
   * @return how many events each attempt has repeated
   */
  private Map<Long, Integer> assertRepetitions(int batch) {
    Map<Long, List<Received>> attempts = new TreeMap<>();
    for (Received event : receiver.accepted()) {
      long attempt = event.attempt() == 0 ? LAST : event.attempt();
      attempts.computeIfAbsent(attempt, none -> new ArrayList<>()).add(event);
    }
    Set<Long> earlier = new HashSet<>();
    Map<Long, Integer> repeated = new TreeMap<>();
    attempts.forEach(
        (attempt, events) -> {
          List<Long> ids = events.stream().map(Received::id).toList();
          assertThat(ids).as("attempt %d", attempt).doesNotHaveDuplicates();
          int again = (int) ids.stream().filter(earlier::contains).count();
          assertThat(again).as("repeated by attempt %d", attempt).isLessThanOrEqualTo(batch);
          Map<String, Long> last = new TreeMap<>();
          for (Received event : events) {
            Long before = last.put(event.aggregate(), event.id());
            assertThat(before == null || before < event.id()).as("%s", event).isTrue();
          }
          repeated.put(attempt, again);
          earlier.addAll(ids);
        });
    return repeated;
  }

  /** In this process, which nobody kills; as the last attempt. */
  private DrainOutbox.Result drainTheRest(int batch) throws Exception {
    try (Connections connections = new Connections()) {
      var context =
          new FakeStepContext(Map.of("shop", database.target(), "events", receiver.target()));
      return context.run(
          new DrainOutbox(connections, new HttpProbe(), new ChildProcesses()),
          OutboxDatabase.input(batch, Duration.ofSeconds(10)));
    }
  }

  private Process start(int number, int batch) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                DrainProcess.class.getName(),
                Integer.toString(database.port()),
                Integer.toString(receiver.port()),
                Integer.toString(batch),
                Integer.toString(number))
            .redirectError(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
            .start();
    processes.add(process);
    return process;
  }

  private void begin(Process process) throws IOException {
    BufferedReader output = process.inputReader();
    String line = output.readLine();
    while (line != null && !line.equals("ready")) { // libraries may log in between
      line = output.readLine();
    }
    assertThat(line).as(log()).isEqualTo("ready");
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
  }

  private String log() throws IOException {
    return Files.readString(directory.resolve("log"));
  }
}
