package io.belay.journal;

import io.belay.journal.JournalAnchor.Link;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.lang.Nullable;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Links the journal's entries into one hash chain: {@code hash(n) = SHA-256(hash(n-1) ‖ entry n)}.
 * Any node may link; the lock on the head row admits one at a time. The {@link JournalAnchor} keeps
 * the chain's end. Entries are linked about a second after writing, so that writers, which may sit
 * in long engine transactions, never wait for each other.
 */
@Component
public class JournalChain {

  /** The hash before the first entry. */
  static final String GENESIS = "0".repeat(64);

  private static final Logger log = LoggerFactory.getLogger(JournalChain.class);
  private static final int BATCH = 1000;
  private static final int FETCH = 500;

  /** A join, because H2 would scan the whole journal for an {@code IN}. */
  private static final String PENDING =
      "SELECT "
          + Journal.COLUMNS
          + " FROM belay_journal_pending JOIN belay_journal ON id = entry_id ORDER BY entry_id LIMIT "
          + BATCH;

  /**
   * @param intact whether every linked entry is there and unchanged, and the chain ends at its head
   * @param entries how many entries were checked
   * @param pending entries not linked yet
   * @param anchor what is known of the chain outside the database; null as long as no entry was
   *     linked
   * @param problems what is wrong, at most 20
   */
  public record Check(
      boolean intact, long entries, long pending, @Nullable Anchor anchor, List<String> problems) {}

  /**
   * @param sinceLink what was linked up to here is proven only from {@code since} on
   * @param since when the anchoring began
   * @param link the newest link that is known outside the database
   * @param at when it was anchored
   */
  public record Anchor(long sinceLink, Instant since, long link, Instant at) {}

  private record Raw(long id, String canonical) {}

  private final JdbcTemplate jdbc;
  private final JdbcTemplate reading;
  private final TransactionTemplate transaction;
  private final JournalAnchor anchor;
  private final AnchorComparison comparison;

  JournalChain(JdbcTemplate jdbc, PlatformTransactionManager transactions, JournalAnchor anchor) {
    this.anchor = anchor;
    this.jdbc = jdbc;
    this.comparison = new AnchorComparison(jdbc, anchor);
    this.reading = new JdbcTemplate(Objects.requireNonNull(jdbc.getDataSource()));
    reading.setFetchSize(FETCH);
    this.transaction = new TransactionTemplate(transactions);
  }

  @Scheduled(fixedDelay = 1000)
  void sealRegularly() {
    try {
      seal();
    } catch (RuntimeException e) {
      log.warn("The journal could not be linked now; trying again: {}", e.getMessage());
    }
  }

  /** Links all committed entries. */
  public void seal() {
    Batch batch;
    do {
      batch = transaction.execute(status -> sealBatch());
      if (batch != null) {
        advanceAnchor(batch);
      }
    } while (batch != null && batch.full());
  }

  /** Only after the commit: an anchor ahead of the chain would look like a loss. */
  private void advanceAnchor(Batch batch) {
    try {
      anchor.advance(batch.journal(), batch.end());
    } catch (UncheckedIOException e) {
      log.warn("{}; the next links will be anchored with these", e.getMessage());
    }
  }

  private record Head(Link end, String journal) {}

  private record Batch(String journal, Link end, boolean full) {}

  /** Links up to a thousand pending entries; null when there are none. */
  private Batch sealBatch() {
    if (jdbc.queryForList("SELECT entry_id FROM belay_journal_pending LIMIT 1").isEmpty()) {
      return null;
    }
    Head head = head(" FOR UPDATE");
    String journal = head.journal();
    if (journal == null) {
      journal = UUID.randomUUID().toString();
      anchor.begin(journal, head.end(), comparison.removedNames());
    } else {
      comparison.beforeMoreIsLinked(journal, head.end());
    }
    long seq = head.end().seq();
    String hash = head.end().hash();
    List<Raw> pending =
        jdbc.query(PENDING, (row, index) -> new Raw(row.getLong("id"), canonical(row)));
    List<Object[]> seals = new ArrayList<>();
    for (Raw raw : pending) {
      hash = link(hash, raw.canonical());
      seals.add(new Object[] {++seq, raw.id(), hash});
    }
    jdbc.batchUpdate("INSERT INTO belay_journal_seal (seq, entry_id, hash) VALUES (?,?,?)", seals);
    jdbc.batchUpdate(
        "DELETE FROM belay_journal_pending WHERE entry_id = ?",
        pending.stream().map(raw -> new Object[] {raw.id()}).toList());
    jdbc.update(
        "UPDATE belay_journal_head SET seq = ?, hash = ?, journal = ? WHERE id = 1",
        seq,
        hash,
        journal);
    return new Batch(journal, new Link(seq, hash), pending.size() == BATCH);
  }

  private Head head(String lock) {
    return jdbc.queryForObject(
        "SELECT seq, hash, journal FROM belay_journal_head WHERE id = 1" + lock,
        (row, index) ->
            new Head(
                new Link(row.getLong("seq"), row.getString("hash")), row.getString("journal")));
  }

  /** Links what is pending and recomputes the whole chain. */
  public Check check() {
    seal();
    // In a transaction, because only then does PostgreSQL stream the rows.
    return transaction.execute(status -> recompute());
  }

  private Check recompute() {
    List<String> problems = new ArrayList<>();
    // The head first: what is linked meanwhile comes after it.
    Head head = head("");
    long end = head.end().seq();
    Anchor anchored = comparison.check(head.journal(), problem -> report(problems, problem));
    String[] hash = {GENESIS};
    long[] seq = {0};
    reading.query(
        "SELECT s.seq, s.entry_id, s.hash, j.id, j.run_id, j.at, j.kind, j.instance_id,"
            + " j.activity_id, j.step, j.step_key, j.actor, j.text, j.payload"
            + " FROM belay_journal_seal s LEFT JOIN belay_journal j ON j.id = s.entry_id"
            + " WHERE s.seq <= ? ORDER BY s.seq",
        (RowCallbackHandler)
            row -> {
              long expected = ++seq[0];
              if (row.getLong("seq") != expected) {
                report(problems, "link %d is missing".formatted(expected));
                seq[0] = row.getLong("seq");
              }
              String stored = row.getString("hash");
              if (row.getObject("id") == null) {
                report(
                    problems,
                    "entry %d (link %d) is gone".formatted(row.getLong("entry_id"), seq[0]));
              } else if (!link(hash[0], canonical(row)).equals(stored)) {
                report(
                    problems,
                    "entry %d (link %d) was changed".formatted(row.getLong("entry_id"), seq[0]));
              }
              hash[0] = stored;
            },
        end);
    if (end != seq[0] || !hash[0].equals(head.end().hash())) {
      report(problems, "the chain does not end at its head: entries at the end are gone");
    }
    Long strangers =
        jdbc.queryForObject(
            "SELECT count(*) FROM belay_journal j WHERE NOT EXISTS (SELECT 1 FROM"
                + " belay_journal_seal s WHERE s.entry_id = j.id) AND NOT EXISTS (SELECT 1 FROM"
                + " belay_journal_pending p WHERE p.entry_id = j.id)",
            Long.class);
    if (strangers != null && strangers > 0) {
      report(problems, strangers + " entries were added past the chain");
    }
    Long pending = jdbc.queryForObject("SELECT count(*) FROM belay_journal_pending", Long.class);
    return new Check(
        problems.isEmpty(), seq[0], pending == null ? 0 : pending, anchored, List.copyOf(problems));
  }

  private static void report(List<String> problems, String problem) {
    if (problems.size() < 20) {
      problems.add(problem);
    }
  }

  /** Length-prefixed fields, so that no two different entries have the same text. */
  private static String canonical(java.sql.ResultSet row) throws java.sql.SQLException {
    StringBuilder text = new StringBuilder();
    for (String column : Journal.COLUMNS.split(", ")) {
      String value =
          column.equals("at")
              ? row.getObject("at", java.time.LocalDateTime.class).toString()
              : row.getString(column);
      text.append(value == null ? "-" : value.length() + ":" + value).append('|');
    }
    return text.toString();
  }

  private static String link(String previous, String canonical) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(previous.getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest.digest(canonical.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
