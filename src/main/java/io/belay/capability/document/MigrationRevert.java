package io.belay.capability.document;

import io.belay.artifact.Artifact;
import io.belay.capability.document.MigrationFiles.Checkpoint;
import io.belay.capability.document.MigrationFiles.Placed;
import io.belay.capability.document.SnapshotRestore.Scope;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.target.TargetException;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The undo of a migration and of a restore: each restores the snapshot that its run took. */
final class MigrationRevert {

  private final DocumentStoreTarget target;
  private final StepContext context;
  private final MigrationFiles files;

  private MigrationRevert(DocumentStoreTarget target, StepContext context) {
    this.target = target;
    this.context = context;
    this.files = new MigrationFiles(target);
  }

  /**
   * Reverts what {@code migrateDocuments} did in this run, without touching the legacy files. First
   * keeps new files that were written to since as artifacts. Returns how many files it changed.
   */
  static int revert(DocumentStoreTarget target, String documents, StepContext context)
      throws Exception {
    return new MigrationRevert(target, context).revert(documents);
  }

  /** Reverts what {@code restoreDocumentSnapshot} did in this run. */
  static int restoreToo(
      DocumentStoreTarget target, String documents, List<PastStep> restores, StepContext context)
      throws Exception {
    Artifact snapshot =
        RunSnapshot.find(documents, context)
            .orElseThrow(
                () ->
                    new TargetException(
                        "what was restored cannot be taken back: this run took no snapshot of '%s' before. Nothing was changed"
                            .formatted(documents)));
    Set<String> restored = new HashSet<>();
    for (PastStep restore : restores) {
      restored.add(restore.input(RestoreDocumentSnapshot.Input.class).snapshot());
      restore
          .result(RestoreDocumentSnapshot.Result.class)
          .ifPresent(result -> restored.add(result.snapshot()));
    }
    new MigrationFiles(target).readRestoring().ifPresent(begun -> restored.add(begun.snapshot()));
    List<Artifact> known =
        restored.stream()
            .filter(id -> !SnapshotChoice.isNewest(id))
            .flatMap(id -> context.artifacts().find(id).stream())
            .toList();
    return new SnapshotRestore(target, context)
        .restore(snapshot, Scope.ALL, SnapshotRestore.in(known));
  }

  private int revert(String documents) throws Exception {
    Map<String, String> written = written();
    Optional<Artifact> snapshot = RunSnapshot.find(documents, context);
    if (snapshot.isEmpty()) {
      if (!written.isEmpty()) {
        throw new TargetException(
            "the migration cannot be taken back: this run has no snapshot of '%s'. Nothing was changed"
                .formatted(documents));
      }
      files.removeTraces(); // nothing was written, since that needs a snapshot
      return 0;
    }
    return new SnapshotRestore(target, context)
        .restore(
            snapshot.get(),
            Scope.NEW_FILES,
            (place, hash) -> hash.equals(written.get(place.name())));
  }

  /** SHA-256 of what this run put in place, or was about to, by name of the new file. */
  private Map<String, String> written() throws IOException {
    Map<String, String> hashes = new HashMap<>();
    Optional<Placed> placed = files.readPlaced().filter(p -> p.runId().equals(context.runId()));
    Optional<Checkpoint> checkpoint =
        files.readCheckpoint().filter(c -> c.runId().equals(context.runId()));
    checkpoint
        .filter(Checkpoint::placing)
        .ifPresent(c -> c.parts().forEach((name, part) -> hashes.put(name, part.sha256())));
    placed.ifPresent(p -> p.files().forEach((name, file) -> hashes.put(name, file.sha256())));
    return hashes;
  }
}
