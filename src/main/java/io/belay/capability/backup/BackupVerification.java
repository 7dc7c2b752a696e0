package io.belay.capability.backup;

import io.belay.artifact.Artifact;
import io.belay.step.StepContext;
import io.belay.step.Verdict;
import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Verifies all backups of a run: checksum, readable to the end, and as complete as its manifest
 * says. Fails closed: a missing or unreadable backup never passes. Changes no backup and no target,
 * apart from the scratch database of a rehearsal.
 */
@Component
class BackupVerification {

  private static final String CONFIGURATION = "configuration";
  private static final Set<String> KINDS =
      Set.of(PostgresManifest.KIND, RdbContent.KIND, CONFIGURATION);

  private final PostgresVerification postgres;
  private final PostgresRehearsal rehearsal;

  BackupVerification(PostgresVerification postgres, PostgresRehearsal rehearsal) {
    this.postgres = postgres;
    this.rehearsal = rehearsal;
  }

  /** The verdict, and how many backups were verified before it was clear. */
  record Outcome(Verdict verdict, String reason, int verified) {}

  /** Names of the targets that must have a backup. */
  record Needed(List<String> databases, List<String> caches, List<String> configurations) {

    private Optional<String> missingIn(List<Artifact> backups) {
      return Stream.of(
              missing(PostgresManifest.KIND, databases, backups),
              missing(RdbContent.KIND, caches, backups),
              missing(CONFIGURATION, configurations, backups))
          .flatMap(names -> names)
          .findFirst();
    }

    private static Stream<String> missing(
        String kind, List<String> targets, List<Artifact> backups) {
      return targets.stream()
          .filter(target -> backups.stream().noneMatch(backup -> isOf(backup, kind, target)))
          .map(target -> "this run has no finished %s of target '%s'".formatted(kind, target));
    }
  }

  /**
   * @param rehearse whether each PostgreSQL backup is restored into a scratch database
   */
  Outcome verify(Needed needed, boolean rehearse, StepContext context) throws Exception {
    List<Artifact> backups =
        context.artifacts().ofRun(context.runId()).stream()
            .filter(artifact -> KINDS.contains(artifact.kind()))
            .toList();
    Optional<String> missing = needed.missingIn(backups);
    if (missing.isPresent()) {
      return new Outcome(Verdict.NO_DATA, missing.get(), 0);
    }
    int verified = 0;
    for (Artifact backup : backups) {
      context.cancellation().throwIfCancelled();
      Optional<String> defect = defect(backup, rehearse, context);
      if (defect.isPresent()) {
        String reason = "backup %s cannot be relied on: %s".formatted(backup.name(), defect.get());
        return new Outcome(Verdict.FAIL, shortened(reason), verified);
      }
      context.log("backup %s is whole", backup.id());
      verified++;
    }
    return new Outcome(
        Verdict.PASS,
        verified == 0
            ? "there was nothing to back up"
            : "%d backups verified: readable to the end, checksums and counts equal%s"
                .formatted(verified, rehearse ? ", restored in a rehearsal" : ""),
        verified);
  }

  private static boolean isOf(Artifact backup, String kind, String target) {
    return backup.kind().equals(kind) && target.equals(backup.details().get("target"));
  }

  private Optional<String> defect(Artifact backup, boolean rehearse, StepContext context)
      throws Exception {
    try {
      if (!backup.kind().equals(CONFIGURATION)) { // restored by path, whatever the target
        context.requireSource(backup, backup.details().get("target"));
      }
      context.artifacts().verify(backup);
    } catch (TargetException e) {
      return Optional.of(e.getMessage());
    }
    return switch (backup.kind()) {
      case PostgresManifest.KIND -> postgresDefect(backup, rehearse, context);
      case RdbContent.KIND -> redisDefect(backup, context);
      default -> readable(backup, context);
    };
  }

  private Optional<String> postgresDefect(Artifact backup, boolean rehearse, StepContext context)
      throws Exception {
    PostgresTarget database =
        context.target(PostgresManifest.of(backup).target(), PostgresTarget.class);
    Optional<String> defect = postgres.defect(backup, database, context);
    return defect.isPresent() || !rehearse
        ? defect
        : rehearsal.difference(backup, database, context);
  }

  private static Optional<String> redisDefect(Artifact backup, StepContext context) {
    try {
      RdbContent found = RdbReader.read(backup, context);
      RdbContent recorded = RdbContent.of(backup);
      return found.keys().equals(recorded.keys()) && found.bytes() == recorded.bytes()
          ? Optional.empty()
          : Optional.of(
              "it holds keys %s in %d bytes, %s in %d were recorded"
                  .formatted(found.keys(), found.bytes(), recorded.keys(), recorded.bytes()));
    } catch (IOException e) {
      return Optional.of(e.getMessage());
    }
  }

  private static Optional<String> readable(Artifact backup, StepContext context) {
    try (InputStream plain = context.artifacts().open(backup)) {
      return plain.transferTo(OutputStream.nullOutputStream()) > 0
          ? Optional.empty()
          : Optional.of("it is empty");
    } catch (IOException e) {
      return Optional.of(e.getMessage());
    }
  }

  private static String shortened(String reason) {
    return reason.length() <= 500 ? reason : reason.substring(0, 499) + "…";
  }
}
