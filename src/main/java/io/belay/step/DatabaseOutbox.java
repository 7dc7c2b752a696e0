package io.belay.step;

import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.context.annotation.Profile;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** An outbox in the engine's database, so that each node can send what another left. */
@Component
@Profile("!agent")
class DatabaseOutbox implements Outbox {

  private static final RowMapper<Message> ROW =
      (row, number) ->
          new Message(
              row.getString("step_key"),
              row.getString("step"),
              row.getString("run_id"),
              row.getString("environment"),
              row.getString("target"),
              row.getString("address"),
              row.getLong("fence"),
              row.getString("text"),
              row.getInt("attempts"));

  private final JdbcTemplate jdbc;
  private final Journal journal;
  private final TransactionTemplate own;

  DatabaseOutbox(JdbcTemplate jdbc, Journal journal, PlatformTransactionManager transactions) {
    this.jdbc = jdbc;
    this.journal = journal;
    this.own = new TransactionTemplate(transactions);
    // Not the transaction of a short step's job: others must see the message at once.
    own.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
  }

  @Override
  public void keep(Message message) {
    try {
      own.executeWithoutResult(
          status ->
              jdbc.update(
                  "INSERT INTO belay_outbox (step_key, step, run_id, environment, target, address,"
                      + " fence, text, attempts, next_at) VALUES (?,?,?,?,?,?,?,?,0,?)",
                  message.key(),
                  message.step(),
                  message.runId(),
                  message.environment(),
                  message.target(),
                  message.address(),
                  message.fence(),
                  message.text(),
                  now()));
    } catch (DuplicateKeyException kept) {
      // already kept by an earlier attempt of the step
    }
  }

  @Override
  public Optional<Message> take(Duration lease, Set<String> busy) {
    List<Message> due =
        jdbc.query(
            "SELECT * FROM belay_outbox WHERE next_at <= ?"
                + " AND address <> ?".repeat(busy.size())
                + " ORDER BY next_at LIMIT 20",
            ROW,
            Stream.concat(Stream.of(now()), busy.stream()).toArray());
    return due.stream()
        .filter(message -> take(message, lease))
        .findFirst()
        .map(DatabaseOutbox::taken);
  }

  /** Of all nodes that see the message due, one takes it. */
  private boolean take(Message message, Duration lease) {
    return jdbc.update(
            "UPDATE belay_outbox SET attempts = attempts + 1, next_at = ? WHERE step_key = ? AND"
                + " attempts = ? AND next_at <= ?",
            now().plus(lease),
            message.key(),
            message.attempt(),
            now())
        == 1;
  }

  private static Message taken(Message message) {
    return new Message(
        message.key(),
        message.step(),
        message.runId(),
        message.environment(),
        message.target(),
        message.address(),
        message.fence(),
        message.text(),
        message.attempt() + 1);
  }

  @Override
  public void postpone(Message message, Duration pause, String note) {
    together(
        message,
        note,
        "UPDATE belay_outbox SET next_at = ? WHERE step_key = ? AND attempts = ?",
        now().plus(pause),
        message.key(),
        message.attempt());
  }

  @Override
  public void end(Message message, String note) {
    together(message, note, "DELETE FROM belay_outbox WHERE step_key = ?", message.key());
  }

  private void together(Message message, String note, String change, Object... values) {
    own.executeWithoutResult(
        status -> {
          if (jdbc.update(change, values) > 0 && note != null) {
            journal.append(
                JournalEntry.of(message.runId(), Kind.LOG, note)
                    .ofStep(message.step(), message.key()));
          }
        });
  }

  private static LocalDateTime now() {
    return LocalDateTime.now(ZoneOffset.UTC);
  }
}
