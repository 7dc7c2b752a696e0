package io.belay.capability.document;

import io.belay.artifact.Artifact;
import io.belay.capability.document.MigrationFiles.Checkpoint;
import io.belay.capability.document.MigrationFiles.Placed;
import io.belay.step.StepContext;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The undo of a migration and of a restore: each restores the snapshot that its run took. */
final class MigrationRevert {

  /** Kind of the artifact that keeps what applications wrote to a new file. */
  static final String COPY_KIND = "documents-after-migration";

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
  static int restoreToo(DocumentStoreTarget target, String documents, StepContext context)
      throws Exception {
    Artifact snapshot =
        RunSnapshot.find(documents, context)
            .orElseThrow(
                () ->
                    new TargetException(
                        "what was restored cannot be taken back: this run took no snapshot of '%s' before. Nothing was changed"
                            .formatted(documents)));
    return new SnapshotRestore(target, context).restore(snapshot, SnapshotRestore.Scope.ALL);
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
    for (NewFile store : NewFile.of(target)) {
      keepWhatOthersWrote(store, snapshot.get(), written.get(store.name()));
    }
    return new SnapshotRestore(target, context)
        .restore(snapshot.get(), SnapshotRestore.Scope.NEW_FILES);
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

  private void keepWhatOthersWrote(NewFile store, Artifact snapshot, String written)
      throws Exception {
    Optional<String> now = FileState.of(store.path()).map(FileState::sha256);
    if (now.isEmpty()
        || now.get().equals(written)
        || now.get().equals(RunSnapshot.hash(snapshot, SnapshotWriter.STORE, store.name()))) {
      return;
    }
    Path file = store.path();
    Artifact copy =
        context
            .artifacts()
            .write(
                context.runId(),
                "%s-%s-%s".formatted(COPY_KIND, store.name(), now.get().substring(0, 16)),
                COPY_KIND,
                out -> {
                  Files.copy(file, out);
                  return Map.of("path", file.toString(), "contentSha256", now.get());
                });
    context.log(
        "%s was written to since it was put in place; it is kept as artifact %s", file, copy.id());
  }
}
