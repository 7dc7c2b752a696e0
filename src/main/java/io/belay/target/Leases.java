package io.belay.target;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Lets one run at a time hold a target. The lease is on the physical system ({@link
 * Target#identity()}), so two environments that name the same database exclude each other; targets
 * without an identity are free to all.
 *
 * <p>Each acquisition carries a fencing number, higher than any before it on the same targets, also
 * after a release: a request with a lower one is too late. {@link #acquire} and {@link #release}
 * join the caller's transaction, so that a start which is rolled back holds nothing.
 */
public class Leases {

  /**
   * Who holds a target.
   *
   * @param environment in which that run names it
   * @param fence the number of its acquisition
   */
  public record Holder(
      String runId, String runName, String environment, long fence, Instant acquiredAt) {}

  private static final int WAIT_SECONDS = 10;

  private final JdbcTemplate jdbc;
  private final TransactionTemplate joined;
  private final TransactionTemplate nested;

  public Leases(DataSource dataSource, PlatformTransactionManager transactions) {
    this.jdbc = new JdbcTemplate(dataSource);
    this.jdbc.setQueryTimeout(WAIT_SECONDS);
    this.joined = new TransactionTemplate(transactions);
    this.nested = new TransactionTemplate(transactions);
    this.nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
  }

  /**
   * Takes all of the named targets or none. Idempotent for the run that holds them already.
   *
   * @param targets names of targets of the environment
   * @return the fencing number; 0 when none of the targets is a system that can be held
   * @throws TargetHeld when another run holds one of them; the caller's transaction can then no
   *     longer commit
   * @throws TargetException when the environment has no such target, or others are taking the same
   *     ones at this moment
   */
  public long acquire(
      Environment environment, Collection<String> targets, String runId, String runName) {
    Map<String, String> wanted = new TreeMap<>(); // one order for all, or they would deadlock
    for (String target : targets) {
      environment.target(target, Target.class).identity().ifPresent(id -> wanted.put(id, target));
    }
    if (wanted.isEmpty()) {
      return 0;
    }
    try {
      return joined.execute(status -> take(environment, wanted, runId, runName));
    } catch (TransientDataAccessException e) {
      throw new TargetBusy(
          "targets %s of environment '%s' are being taken or released by another run at this moment; run '%s' holds nothing, start it again"
              .formatted(targets, environment.name(), runName),
          e);
    }
  }

  private long take(
      Environment environment, Map<String, String> wanted, String runId, String runName) {
    long highest = 0;
    boolean alreadyOurs = true;
    for (Map.Entry<String, String> target : wanted.entrySet()) {
      insertIfMissing(target.getKey());
      Row row = lock(target.getKey());
      if (row.holder.isPresent() && !row.holder.get().runId().equals(runId)) {
        throw new TargetHeld(
            environment.name(),
            target.getValue(),
            environment.targets().get(target.getValue()).describe(),
            row.holder.get());
      }
      alreadyOurs &= row.holder.isPresent();
      highest = Math.max(highest, row.fence);
    }
    if (alreadyOurs) {
      return highest;
    }
    Timestamp now = Timestamp.from(Instant.now());
    // From the clock, so that a router that knows a previous engine database's numbers accepts it.
    long fence = Math.max(highest + 1, now.getTime());
    for (String target : wanted.keySet()) {
      jdbc.update(
          "UPDATE belay_lease SET run_id = ?, run_name = ?, environment = ?, fence = ?, acquired_at = ? WHERE target = ?",
          runId,
          runName,
          environment.name(),
          fence,
          now,
          target);
    }
    return fence;
  }

  private void insertIfMissing(String target) {
    List<Long> found =
        jdbc.queryForList("SELECT fence FROM belay_lease WHERE target = ?", Long.class, target);
    if (!found.isEmpty()) {
      return;
    }
    try {
      nested.executeWithoutResult( // a savepoint: a duplicate must not end the caller's transaction
          status -> jdbc.update("INSERT INTO belay_lease (target, fence) VALUES (?, 0)", target));
    } catch (DuplicateKeyException e) {
      // another run was faster; the row exists and can be locked
    }
  }

  private record Row(long fence, Optional<Holder> holder) {}

  private static final RowMapper<Row> ROW =
      (row, number) -> {
        String runId = row.getString("run_id");
        long fence = row.getLong("fence");
        return new Row(
            fence,
            runId == null
                ? Optional.empty()
                : Optional.of(
                    new Holder(
                        runId,
                        row.getString("run_name"),
                        row.getString("environment"),
                        fence,
                        row.getTimestamp("acquired_at").toInstant())));
      };

  private Row lock(String target) {
    return jdbc.queryForObject(
        "SELECT * FROM belay_lease WHERE target = ? FOR UPDATE", ROW, target);
  }

  /**
   * Releases all that the run holds; does nothing for a run that holds nothing.
   *
   * @return how many targets were released
   */
  public int release(String runId) {
    return joined.execute(
        status -> {
          List<String> held =
              new ArrayList<>(
                  jdbc.queryForList(
                      "SELECT target FROM belay_lease WHERE run_id = ?", String.class, runId));
          held.sort(null); // the same order as in acquire
          for (String target : held) {
            jdbc.update(
                "UPDATE belay_lease SET run_id = NULL, run_name = NULL, environment = NULL, acquired_at = NULL WHERE target = ? AND run_id = ?",
                target,
                runId);
          }
          return held.size();
        });
  }

  /** Who holds that target now. */
  public Optional<Holder> holder(Target target) {
    return target
        .identity()
        .flatMap(
            id ->
                jdbc.query("SELECT * FROM belay_lease WHERE target = ?", ROW, id).stream()
                    .findFirst())
        .flatMap(Row::holder);
  }

  /**
   * Gives a run that holds targets a new number, higher than all before: a request with an older
   * one, also from the same run, is too late.
   *
   * @return 0 when the run holds nothing
   */
  public long advance(String runId) {
    return joined.execute(
        status -> {
          long fence =
              jdbc
                  .queryForList(
                      "SELECT fence FROM belay_lease WHERE run_id = ? ORDER BY target FOR UPDATE",
                      Long.class,
                      runId)
                  .stream()
                  .mapToLong(Long::longValue)
                  .max()
                  .orElse(0);
          if (fence > 0) {
            fence = Math.max(fence + 1, Instant.now().toEpochMilli());
            jdbc.update("UPDATE belay_lease SET fence = ? WHERE run_id = ?", fence, runId);
          }
          return fence;
        });
  }

  /** The highest number of a run; 0 when it holds nothing. */
  public long fence(String runId) {
    Long fence =
        jdbc.queryForObject(
            "SELECT MAX(fence) FROM belay_lease WHERE run_id = ?", Long.class, runId);
    return fence == null ? 0 : fence;
  }
}
