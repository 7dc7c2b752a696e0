package io.belay.step;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.step.CheckedTargets.Answer;
import io.belay.target.Environment;
import io.belay.target.IdentityReader;
import io.belay.target.KnownTarget;
import io.belay.target.KnownTarget.Finding;
import io.belay.target.TargetIdentity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.springframework.context.annotation.Profile;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What each run knows of the identity of its targets. The addresses are written when the run
 * starts, the identities when a step first asks; of several that ask at once, the first counts.
 * Every change is journaled in the same transaction.
 */
@Component
@Profile("!agent")
public class RunTargets {

  private static final String TARGET = "target";

  private final JdbcTemplate jdbc;
  private final Journal journal;
  private final ObjectMapper json;
  private final TransactionTemplate own;

  RunTargets(
      JdbcTemplate jdbc,
      Journal journal,
      ObjectMapper json,
      PlatformTransactionManager transactions) {
    this.jdbc = jdbc;
    this.journal = journal;
    this.json = json;
    this.own = new TransactionTemplate(transactions);
    own.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
  }

  /**
   * Records the addresses that the environment names at the start of the run. Joins the caller's
   * transaction.
   */
  public void named(String runId, Environment environment) {
    Map<String, String> addresses = new TreeMap<>();
    environment
        .targets()
        .forEach(
            (name, target) ->
                IdentityReader.named(target)
                    .ifPresent(
                        identity -> {
                          insert(runId, name, KnownTarget.named(identity));
                          addresses.put(name, identity.address());
                        }));
    journal.append(
        JournalEntry.of(runId, Kind.TARGET_FIXED, "targets as the environment names them")
            .with(json.valueToTree(addresses)));
  }

  /**
   * Compares what a step found with what the run knows of the target.
   *
   * @param entry adds to a journal entry who found the target
   */
  Answer find(StepRun run, String target, TargetIdentity found, UnaryOperator<JournalEntry> entry) {
    Optional<KnownTarget> known = read(run.id(), target, "");
    boolean nothingNew =
        known
            .map(now -> now.find(found).equals(new KnownTarget.Found(Finding.AS_KNOWN, now)))
            .orElse(false);
    if (nothingNew) {
      return new Answer(known.get(), null);
    }
    return own.execute(status -> learn(run, target, found, entry));
  }

  private Answer learn(
      StepRun run, String target, TargetIdentity found, UnaryOperator<JournalEntry> entry) {
    KnownTarget known =
        read(run.id(), target, " FOR UPDATE")
            .orElseGet(
                () -> { // a run that an older Belay started, or a target that was added since
                  KnownTarget first =
                      KnownTarget.named(new TargetIdentity(found.by(), found.address(), null));
                  insert(run.id(), target, first);
                  return first;
                });
    KnownTarget.Found now = known.find(found);
    if (!now.known().equals(known)) {
      update(run.id(), target, now.known());
    }
    if (now.finding() != Finding.AS_KNOWN && !now.known().equals(known)) {
      journal.append(
          entry.apply(
              JournalEntry.of(run.id(), kind(now.finding()), text(target, known, found, now))
                  .with(json.valueToTree(found))));
    }
    return new Answer(
        now.known(),
        now.finding() == Finding.REFUSED ? refusal(run, target, known.now(), found) : null);
  }

  private static Kind kind(Finding finding) {
    return switch (finding) {
      case FIXED -> Kind.TARGET_FIXED;
      case CHANGED, AS_KNOWN -> Kind.TARGET_CHANGED;
      case REFUSED -> Kind.TARGET_REFUSED;
    };
  }

  private static String text(
      String target, KnownTarget known, TargetIdentity found, KnownTarget.Found now) {
    return switch (now.finding()) {
      case FIXED -> "%s is %s".formatted(target, found);
      case REFUSED -> "%s is %s, not %s".formatted(target, found, known.now());
      case CHANGED, AS_KNOWN ->
          now.known().former().size() > known.former().size()
              ? "%s was replaced by this run and is %s".formatted(target, found)
              : "%s is the same system, restarted or failed over: %s".formatted(target, found);
    };
  }

  private static String refusal(
      StepRun run, String target, TargetIdentity known, TargetIdentity found) {
    return ("target '%s' of environment '%s' is another system than the one that run '%s' works on."
            + " The run's: %s. Found here: %s. Nothing was done there. Put the environment's file"
            + " on this node or agent right and retry; if the target was moved on purpose, an"
            + " operator accepts the new one with a reason: POST /api/runs/%s/targets/%s/accept")
        .formatted(target, run.environment(), run.name(), known, found, run.id(), target);
  }

  /** Records that a step is about to put another system in the target's place. */
  void announce(
      StepRun run, String target, TargetIdentity next, UnaryOperator<JournalEntry> entry) {
    own.executeWithoutResult(
        status -> {
          KnownTarget known = read(run.id(), target, " FOR UPDATE").orElseThrow();
          update(run.id(), target, known.announced(next));
          journal.append(
              entry.apply(
                  JournalEntry.of(
                          run.id(),
                          Kind.TARGET_CHANGED,
                          "%s is about to be replaced by %s".formatted(target, next))
                      .with(json.valueToTree(next))));
        });
  }

  /**
   * Accepts, for a person, the system that was refused last as the target from now on.
   *
   * @return what the target is now; empty when nothing was refused
   */
  public Optional<TargetIdentity> accept(String runId, String target, String reason, String user) {
    return own.execute(
        status ->
            read(runId, target, " FOR UPDATE")
                .flatMap(KnownTarget::accepted)
                .map(
                    accepted -> {
                      update(runId, target, accepted);
                      journal.append(
                          JournalEntry.of(
                                  runId,
                                  Kind.TARGET_ACCEPTED,
                                  "%s is %s from now on: %s"
                                      .formatted(target, accepted.now(), reason))
                              .by(user)
                              .with(json.<ObjectNode>valueToTree(accepted).put(TARGET, target)));
                      return accepted.now();
                    }));
  }

  /**
   * The target of which a {@code TARGET_ACCEPTED} entry tells; empty for one of a former version,
   * which may be of any target.
   */
  public static Optional<String> accepted(JournalEntry entry) {
    return Optional.ofNullable(entry.payload())
        .map(payload -> payload.path(TARGET).textValue())
        .filter(Predicate.not(String::isBlank));
  }

  private Optional<KnownTarget> read(String runId, String target, String lock) {
    List<String> found =
        jdbc.queryForList(
            "SELECT known FROM belay_run_target WHERE run_id = ? AND target = ?" + lock,
            String.class,
            runId,
            target);
    return found.stream().findFirst().map(this::parse);
  }

  private void insert(String runId, String target, KnownTarget known) {
    try {
      jdbc.update(
          "INSERT INTO belay_run_target (run_id, target, known) VALUES (?,?,?)",
          runId,
          target,
          write(known));
    } catch (DuplicateKeyException e) {
      throw new IllegalStateException(
          "another step asked for target '%s' at this moment; retry".formatted(target), e);
    }
  }

  private void update(String runId, String target, KnownTarget known) {
    jdbc.update(
        "UPDATE belay_run_target SET known = ? WHERE run_id = ? AND target = ?",
        write(known),
        runId,
        target);
  }

  private String write(KnownTarget known) {
    try {
      return CheckedTargets.JSON.writeValueAsString(known);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private KnownTarget parse(String known) {
    try {
      return CheckedTargets.JSON.readValue(known, KnownTarget.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("belay_run_target holds no valid record", e);
    }
  }
}
