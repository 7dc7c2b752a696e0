package io.belay.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.zaxxer.hikari.HikariDataSource;
import io.belay.target.InvalidSetting;
import io.belay.target.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import liquibase.integration.spring.SpringLiquibase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What the journal and its chain promise, on every database that the engine may use. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class JournalContract {

  private static final String RUN = "run-1";

  private final HikariDataSource dataSource = new HikariDataSource();
  private final ObjectMapper json = new ObjectMapper();
  private JdbcTemplate jdbc;
  private Journal journal;
  private JournalChain chain;
  private RunningSteps running;
  private TransactionTemplate transaction;
  private Path directory;

  abstract String url() throws Exception;

  @BeforeAll
  void migrate(@TempDir Path directory) throws Exception {
    this.directory = directory;
    dataSource.setJdbcUrl(url());
    dataSource.setMaximumPoolSize(12);
    SpringLiquibase liquibase = new SpringLiquibase();
    liquibase.setDataSource(dataSource);
    liquibase.setChangeLog("classpath:/db/changelog/db.changelog-master.yaml");
    liquibase.setResourceLoader(new DefaultResourceLoader());
    liquibase.afterPropertiesSet();
    JdbcTransactionManager transactions = new JdbcTransactionManager(dataSource);
    jdbc = new JdbcTemplate(dataSource);
    journal = new Journal(jdbc, json, transactions);
    chain = chain("");
    running = new RunningSteps(jdbc);
    transaction = new TransactionTemplate(transactions);
  }

  @AfterAll
  void close() {
    dataSource.close();
  }

  @BeforeEach
  void empty() throws IOException {
    removeAnchors();
    for (String table : List.of("journal", "journal_pending", "journal_seal", "running")) {
      jdbc.update("DELETE FROM belay_" + table);
    }
    jdbc.update(
        "UPDATE belay_journal_head SET seq = 0, hash = ?, journal = NULL", JournalChain.GENESIS);
  }

  private void removeAnchors() throws IOException {
    for (Path file : anchors()) {
      Files.delete(file);
    }
  }

  private List<Path> anchors() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".json")).toList();
    }
  }

  private JournalChain chain(String key) {
    return new JournalChain(
        jdbc,
        new JdbcTransactionManager(dataSource),
        new JournalAnchor(new JournalSettings(directory, Secret.of(key))));
  }

  private void assertIntact(long entries) {
    JournalChain.Check check = chain.check();
    assertThat(check.problems()).isEmpty();
    assertThat(check.intact()).isTrue();
    assertThat(check.entries()).isEqualTo(entries);
    assertThat(check.pending()).isZero();
    assertThat(check.anchor().link()).isEqualTo(entries);
  }

  // ------------------------------------------------------------------ writing

  @Test
  void entry_isReadAsItWasWritten() {
    journal.appendNow(
        JournalEntry.of(RUN, Kind.RESULT, "done — 完了 🎉")
            .at("instance", "Task_A")
            .ofStep("applySchema", "key-1")
            .by("operator")
            .with(json.createObjectNode().put("changes", 3)));

    JournalEntry entry = journal.ofStepKey("key-1").get(0);
    assertThat(entry.text()).isEqualTo("done — 完了 🎉");
    assertThat(entry.instanceId()).isEqualTo("instance");
    assertThat(entry.activityId()).isEqualTo("Task_A");
    assertThat(entry.step()).isEqualTo("applySchema");
    assertThat(entry.actor()).isEqualTo("operator");
    assertThat(entry.payload().path("changes").asInt()).isEqualTo(3);
    assertThat(entry.at()).isNotNull();
    assertThat(journal.ofStep(RUN, "applySchema")).containsExactly(entry);
    assertThat(journal.entries(RUN, 0, 10)).containsExactly(entry);
    assertThat(journal.entries(RUN, entry.id(), 10)).isEmpty();
    assertThat(journal.last(RUN, Kind.RESULT)).contains(entry);
    assertThat(journal.last("another", Kind.RESULT)).isEmpty();
  }

  @Test
  void append_isGoneWithTheTransaction_appendNow_stays() {
    assertThatThrownBy(
            () ->
                transaction.executeWithoutResult(
                    status -> {
                      journal.append(log("joined"));
                      journal.appendNow(log("of its own"));
                      throw new IllegalStateException("rolled back");
                    }))
        .hasMessage("rolled back");

    assertThat(journal.entries(RUN, 0, 10))
        .extracting(JournalEntry::text)
        .containsOnly("of its own");
    assertThat(chain.check().problems()).isEmpty();
  }

  @Test
  void appendNow_writesTheMoreStatements_orNothing() {
    assertThatThrownBy(
            () ->
                journal.appendNow(
                    log("with more"),
                    () -> {
                      throw new IllegalStateException("no");
                    }))
        .hasMessage("no");
    assertThat(journal.entries(RUN, 0, 10)).isEmpty();

    journal.appendNow(log("begun"), () -> running.begin("key", RUN, "i", "Task_A", "a", "node"));
    assertThat(running.ofRun(RUN)).hasSize(1);
  }

  @Test
  void appendNow_takesMoreStatementsBack_andIsLinked() {
    running.begin("key", RUN, "i", "Task_A", "a", "node");
    assertThatThrownBy(
            () ->
                journal.appendNow(
                    log("not the end"),
                    () -> {
                      running.end("key");
                      throw new IllegalStateException("no");
                    }))
        .hasMessage("no");
    assertThat(journal.entries(RUN, 0, 10)).isEmpty();
    assertThat(running.ofRun(RUN)).hasSize(1);

    journal.appendNow(log("the end"), () -> running.end("key"));

    assertThat(journal.entries(RUN, 0, 10)).extracting(JournalEntry::text).containsOnly("the end");
    assertThat(running.ofRun(RUN)).isEmpty();
    assertThat(chain.check().problems()).isEmpty();
    assertThat(chain.check().entries()).isOne();
  }

  @Test
  void begin_replacesWhatADeadAttemptLeft() {
    running.begin("key", RUN, "i", "Task_A", "a", "dead node");
    running.progress("key", 3, 10, "rows", "a third");

    running.begin("key", RUN, "i", "Task_A", "a", "node");

    RunningSteps.RunningStep step = running.find("key").orElseThrow();
    assertThat(step.node()).isEqualTo("node");
    assertThat(step.total()).isZero();
    assertThat(step.message()).isNull();
    assertThat(Duration.between(step.startedAt(), running.now()))
        .isBetween(Duration.ZERO, Duration.ofMinutes(5));
  }

  @Test
  void text_isOneLine_andBounded() {
    journal.appendNow(log("first\r\nforged entry\u0000\u001b[31m\u2028more\u0085end"));
    journal.appendNow(log("x".repeat(5000)));
    journal.appendNow(JournalEntry.of(RUN, Kind.LOG, null));

    List<JournalEntry> entries = journal.entries(RUN, 0, 10);
    assertThat(entries.get(0).text()).isEqualTo("first forged entry [31m more end");
    assertThat(entries.get(1).text()).hasSize(4000).endsWith("…");
    assertThat(entries.get(2).text()).isNull();
  }

  @Test
  void payload_holdsWhateverText() {
    String text = "NUL \u0000, the letters \\u0000, a quote \" and " + "y".repeat(10_000);
    journal.appendNow(log("odd").with(json.createObjectNode().put("value", text)));

    assertThat(journal.entries(RUN, 0, 10).get(0).payload().path("value").asText()).isEqualTo(text);
    assertThat(chain.check().problems()).isEmpty();
  }

  // ------------------------------------------------------------------ the chain

  @Test
  void intactChain_saysHowMuchItChecked() {
    write(5);

    assertIntact(5);
  }

  @Test
  void emptyChain_isIntact() {
    assertThat(chain.check().intact()).isTrue();
  }

  @Test
  void chain_linksEveryEntry_alsoOverManyBatches() {
    transaction.executeWithoutResult(status -> write(2500));

    assertIntact(2500);
  }

  @Test
  void changedEntry_isFound() throws IOException {
    for (String change :
        List.of("text = 'nothing happened'", "actor = 'somebody'", "payload = '{}'")) {
      empty();
      write(3);
      chain.seal();
      long id = journal.entries(RUN, 0, 10).get(1).id();
      jdbc.update("UPDATE belay_journal SET " + change + " WHERE id = ?", id);

      assertThat(chain.check().problems())
          .as(change)
          .containsExactly("entry %d (link 2) was changed".formatted(id));
    }
  }

  @Test
  void changedTime_isFound() {
    write(2);
    chain.seal();
    jdbc.update("UPDATE belay_journal SET at = TIMESTAMP '2020-01-01 00:00:00'");

    assertThat(chain.check().problems()).hasSize(2);
  }

  @Test
  void deletedEntry_isFound() {
    write(3);
    chain.seal();
    long id = journal.entries(RUN, 0, 10).get(1).id();
    jdbc.update("DELETE FROM belay_journal WHERE id = ?", id);

    assertThat(chain.check().problems()).containsExactly("entry %d (link 2) is gone".formatted(id));
  }

  @Test
  void entryDeletedWithItsLink_isFound() {
    write(3);
    chain.seal();
    long id = journal.entries(RUN, 0, 10).get(1).id();
    jdbc.update("DELETE FROM belay_journal WHERE id = ?", id);
    jdbc.update("DELETE FROM belay_journal_seal WHERE entry_id = ?", id);

    assertThat(chain.check().problems())
        .contains("link 2 is missing")
        .anyMatch(problem -> problem.endsWith("(link 3) was changed"));
  }

  @Test
  void deletedTail_isFound() {
    write(3);
    chain.seal();
    long id = journal.entries(RUN, 0, 10).get(2).id();
    jdbc.update("DELETE FROM belay_journal WHERE id = ?", id);
    jdbc.update("DELETE FROM belay_journal_seal WHERE entry_id = ?", id);

    assertThat(chain.check().problems())
        .hasSize(2)
        .anyMatch(problem -> problem.startsWith("the chain was anchored up to link 3"))
        .contains("the chain does not end at its head: entries at the end are gone");
  }

  // ------------------------------------------------------------------ attacks on the database

  @Test
  void tailDeletedAndHeadSetBack_isFound_alsoAfterMoreWasLinked() {
    write(60);
    chain.seal();
    cutOffAfter(20);

    String gone = "the chain was anchored up to link 60, but that link is gone";
    assertThat(chain.check().problems()).singleElement().asString().startsWith(gone);
    write(50);
    assertThat(chain.check().problems()).singleElement().asString().startsWith(gone);
    assertThat(chain.check().anchor().link()).isEqualTo(70);
  }

  @Test
  void entriesChangedAndLinkedAgainByBelay_areFound() {
    write(10);
    chain.seal();
    jdbc.update("UPDATE belay_journal SET actor = 'somebody'");
    jdbc.update("DELETE FROM belay_journal_seal");
    jdbc.update("INSERT INTO belay_journal_pending (entry_id) SELECT id FROM belay_journal");
    jdbc.update("UPDATE belay_journal_head SET seq = 0, hash = ?", JournalChain.GENESIS);

    assertThat(chain.check().problems())
        .singleElement()
        .asString()
        .startsWith("the chain was anchored up to link 10, but that link is gone");
  }

  @Test
  void entriesChangedAndLinkedAgainByTheAttacker_areFound() {
    write(10);
    chain.seal();
    String anchored = journalId();
    jdbc.update("UPDATE belay_journal SET actor = 'somebody'");
    jdbc.update("DELETE FROM belay_journal_seal");
    jdbc.update("INSERT INTO belay_journal_pending (entry_id) SELECT id FROM belay_journal");
    jdbc.update(
        "UPDATE belay_journal_head SET seq = 0, hash = ?, journal = NULL", JournalChain.GENESIS);
    chain.seal(); // as a program of the attacker's would link
    jdbc.update("UPDATE belay_journal_head SET journal = ?", anchored);

    assertThat(chain.check().problems())
        .containsExactly(
            "link 10 is not the one that was anchored: entries before it were changed and linked"
                + " again");
  }

  @Test
  void journalsNameRemoved_isFound_alsoAfterMoreWasLinked() {
    write(10);
    chain.seal();
    jdbc.update("UPDATE belay_journal_head SET journal = NULL");

    String removed = "the journal's name was removed after link 10 was anchored";
    assertThat(chain.check().problems()).containsExactly(removed);
    write(5);
    assertThat(chain.check().problems()).singleElement().asString().startsWith(removed);
    write(5);
    assertThat(chain.check().problems()).singleElement().asString().startsWith(removed);
  }

  @Test
  void tailDeletedAndJournalsNameRemoved_isFound_alsoAfterMoreWasLinked() throws IOException {
    for (int left : new int[] {0, 20}) {
      cutAndUnnamed(left);
      String gone = "the chain was anchored up to link 60, but that link is gone";
      assertThat(chain.check().problems()).singleElement().asString().startsWith(gone);
      write(10);
      assertThat(chain.check().problems()).singleElement().asString().startsWith(gone);
      write(60);
      assertThat(chain.check().problems())
          .singleElement()
          .asString()
          .startsWith("link 60 is not the one that was anchored");
    }
  }

  private void cutAndUnnamed(int left) throws IOException {
    empty();
    write(60);
    chain.seal();
    cutOffAfter(left);
    jdbc.update("UPDATE belay_journal_head SET journal = NULL");
  }

  @Test
  void earlierStateOfTheDatabasePutBack_afterBelayLinkedUnderAnotherName_isFound() {
    write(10);
    chain.seal();
    String name = journalId();
    jdbc.update("UPDATE belay_journal_head SET journal = NULL");
    write(5);
    chain.seal();
    cutOffAfter(10);
    jdbc.update("UPDATE belay_journal_head SET journal = ?", name);

    assertThat(chain.check().problems())
        .anyMatch(
            problem ->
                problem.startsWith("the chain was anchored up to link 15, but that link is gone"));
  }

  @Test
  void anotherName_isFound() throws IOException {
    write(3);
    chain.seal();
    String name = journalId();
    String other = "00000000-0000-0000-0000-000000000000";
    jdbc.update("UPDATE belay_journal_head SET journal = ?", other);
    assertThat(chain.check().problems())
        .containsExactly("the anchor of this journal (%s) is gone".formatted(other));

    Files.copy(directory.resolve(name + ".json"), directory.resolve("old.json"));
    jdbc.update("UPDATE belay_journal_head SET journal = 'old'");
    assertThat(chain.check().problems())
        .singleElement()
        .asString()
        .contains("old.json was written for another journal");
  }

  @Test
  void anchorWhoseBeginningWasRolledBack_provesNothingWrong() throws IOException {
    write(4);
    chain.seal();
    String begun = journalId();
    removeAnchors();
    new JournalAnchor(new JournalSettings(directory, Secret.of("")))
        .begin(begun, new JournalAnchor.Link(4, head()), List.of());
    jdbc.update("UPDATE belay_journal_head SET journal = NULL");

    assertThat(chain.check().problems()).isEmpty();
    write(2);
    assertIntact(6);
    assertThat(anchors()).hasSize(2);
  }

  private String head() {
    return jdbc.queryForObject("SELECT hash FROM belay_journal_head", String.class);
  }

  @Test
  void anchorThatIsGone_orSealedWithAnotherKey_orChanged_provesNothing() throws Exception {
    write(3);
    chain.seal();
    Path file = directory.resolve(journalId() + ".json");
    String sealed = Files.readString(file);

    Files.writeString(file, sealed.replace("\"seq\":3", "\"seq\":2"));
    assertThat(chain.check().problems())
        .singleElement()
        .asString()
        .contains("was not written with this Belay's key");

    Files.writeString(file, sealed);
    assertThat(chain("a key of at least thirty-two characters").check().intact()).isFalse();

    Files.writeString(file, sealed.substring(0, 40));
    assertThat(chain.check().problems()).singleElement().asString().contains("cannot be read");

    Files.delete(file);
    write(2);
    assertThat(chain.check().problems())
        .containsExactly("the anchor of this journal (%s) is gone".formatted(journalId()));
  }

  @Test
  void journalOfAnEarlierRelease_isAnchoredFromItsPresentEnd() throws IOException {
    write(4);
    chain.seal();
    jdbc.update("UPDATE belay_journal_head SET journal = NULL");
    removeAnchors();
    write(2);

    assertIntact(6);
    assertThat(chain.check().anchor().sinceLink()).isEqualTo(4);
  }

  @Test
  void chainAheadOfItsAnchor_isIntact() throws Exception {
    write(2);
    chain.seal();
    Path file = directory.resolve(journalId() + ".json");
    byte[] earlier = Files.readAllBytes(file);
    write(2);
    chain.seal();
    Files.write(file, earlier); // as if the process was killed between commit and anchor

    assertThat(chain.check().problems()).isEmpty();
    write(1);
    assertIntact(5);
  }

  @Test
  void shortKey_isRefusedByName() {
    assertThatThrownBy(() -> chain("too short"))
        .isInstanceOf(InvalidSetting.class)
        .hasMessageStartingWith("belay.journal.key has 9 characters");
  }

  @Test
  void anchorAndKey_areReadableByTheirOwnerOnly() throws Exception {
    write(1);
    chain.seal();

    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files)
          .hasSizeGreaterThanOrEqualTo(3)
          .allSatisfy(
              file ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                      .isEqualTo("rw-------"));
    }
  }

  private void cutOffAfter(int link) {
    String beyond = " IN (SELECT entry_id FROM belay_journal_seal WHERE seq > %d)".formatted(link);
    jdbc.update("DELETE FROM belay_journal WHERE id" + beyond);
    jdbc.update("DELETE FROM belay_journal_seal WHERE seq > ?", link);
    jdbc.update(
        "UPDATE belay_journal_head SET seq = ?, hash = COALESCE((SELECT hash FROM"
            + " belay_journal_seal WHERE seq = ?), ?)",
        link,
        link,
        JournalChain.GENESIS);
  }

  private String journalId() {
    return jdbc.queryForObject("SELECT journal FROM belay_journal_head", String.class);
  }

  @Test
  void entryWrittenPastTheChain_isFound() {
    write(1);
    jdbc.update(
        "INSERT INTO belay_journal (run_id, at, kind, text) VALUES ('run-1', CURRENT_TIMESTAMP,"
            + " 'TASK_COMPLETED', 'approved')");

    assertThat(chain.check().problems()).containsExactly("1 entries were added past the chain");
  }

  @Test
  void swappedEntries_areFound() {
    write(3);
    chain.seal();
    List<JournalEntry> entries = journal.entries(RUN, 0, 10);
    jdbc.update("UPDATE belay_journal SET text = 'x' WHERE id = ?", entries.get(0).id());
    jdbc.update("UPDATE belay_journal SET text = 'entry 0' WHERE id = ?", entries.get(1).id());
    jdbc.update("UPDATE belay_journal SET text = 'entry 1' WHERE id = ?", entries.get(0).id());

    assertThat(chain.check().intact()).isFalse();
  }

  @Test
  void manyProblems_areToldUpToTwenty() {
    write(30);
    chain.seal();
    jdbc.update("UPDATE belay_journal SET text = 'x'");

    assertThat(chain.check().problems()).hasSize(20);
  }

  @Test
  void entryThatCommitsLate_isLinkedAfterLaterOnes() throws Exception {
    CountDownLatch written = new CountDownLatch(1);
    CountDownLatch commit = new CountDownLatch(1);
    ExecutorService slow = Executors.newSingleThreadExecutor();
    try {
      Future<?> late =
          slow.submit(
              () ->
                  transaction.executeWithoutResult(
                      status -> {
                        journal.append(log("late"));
                        written.countDown();
                        await(commit);
                      }));
      written.await();
      journal.appendNow(log("early"));
      assertIntact(1);
      commit.countDown();
      late.get();
    } finally {
      commit.countDown();
      slow.shutdownNow();
    }

    assertIntact(2);
    assertThat(
            jdbc.queryForList(
                "SELECT j.text FROM belay_journal_seal s JOIN belay_journal j ON j.id = s.entry_id"
                    + " ORDER BY s.seq",
                String.class))
        .containsExactly("early", "late");
  }

  @Test
  void manyWritersSealersAndCheckers_makeOneChain() throws Exception {
    List<Callable<List<String>>> work = new ArrayList<>();
    for (int thread = 0; thread < 20; thread++) {
      int number = thread;
      work.add(
          () -> {
            List<String> problems = new ArrayList<>();
            for (int i = 0; i < 15; i++) {
              journal.appendNow(log("entry %d of %d".formatted(i, number)));
              if (number % 2 == 0) {
                chain.seal();
              } else if (i % 5 == 0) {
                problems.addAll(chain.check().problems());
              }
            }
            return problems;
          });
    }
    ExecutorService threads = Executors.newFixedThreadPool(work.size());
    try {
      for (Future<List<String>> done : threads.invokeAll(work)) {
        assertThat(done.get()).isEmpty();
      }
    } finally {
      threads.shutdownNow();
    }

    assertIntact(300);
  }

  // ------------------------------------------------------------------ what works now

  @Test
  void heartbeat_keepsWhatTheNodeWorksOn_andForgetsTheRest() {
    running.begin("mine", RUN, "i", "Task_A", "a", "node");
    running.begin("lost", RUN, "i", "Task_B", "b", "node");
    running.begin("of another", RUN, "i", "Task_C", "c", "other node");
    jdbc.update("UPDATE belay_running SET heartbeat = TIMESTAMP '2020-01-01 00:00:00'");

    running.beat("node", "mine"::equals);

    assertThat(running.ofRun(RUN))
        .extracting(RunningSteps.RunningStep::stepKey)
        .containsExactlyInAnyOrder("mine", "of another");
    assertThat(running.ofRun(RUN))
        .filteredOn(
            step -> step.heartbeat().isAfter(java.time.Instant.parse("2020-01-01T00:00:00Z")))
        .extracting(RunningSteps.RunningStep::stepKey)
        .containsExactly("mine");
  }

  @Test
  void progress_isKept_andANewAttemptBeginsAnew() {
    running.begin("key", RUN, "i", "Task_A", "a", "dead node");
    running.progress("key", 3, 10, "rows", "m".repeat(600));
    assertThat(running.ofRun(RUN).get(0).done()).isEqualTo(3);
    assertThat(running.ofRun(RUN).get(0).message()).hasSize(500);

    running.begin("key", RUN, "i", "Task_A", "a", "node");
    assertThat(running.ofRun(RUN))
        .singleElement()
        .satisfies(
            step -> {
              assertThat(step.node()).isEqualTo("node");
              assertThat(step.done()).isZero();
            });
  }

  private void write(int entries) {
    for (int i = 0; i < entries; i++) {
      journal.append(log("entry " + i));
    }
  }

  private static JournalEntry log(String text) {
    return JournalEntry.of(RUN, Kind.LOG, text);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
