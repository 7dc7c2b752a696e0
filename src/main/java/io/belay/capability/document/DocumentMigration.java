package io.belay.capability.document;

import io.belay.artifact.Artifact;
import io.belay.capability.document.MigrationFiles.Checkpoint;
import io.belay.capability.document.MigrationFiles.Part;
import io.belay.capability.document.MigrationFiles.Placed;
import io.belay.capability.document.MigrationFiles.PlacedFile;
import io.belay.capability.document.MigrationProgress.Stage;
import io.belay.file.PrivateFiles;
import io.belay.step.BusinessStop;
import io.belay.step.StepContext;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Moves the documents of the legacy files into the two new ones. For each new file, reads its
 * legacy files to find each document's last line, and writes these lines under a temporary name.
 * Then checks what was written and that no legacy file was changed, and renames. The checkpoint on
 * disk is always a state from which the next attempt can continue; what follows it is written
 * again.
 *
 * @see SnapshotRestore#revert
 */
final class DocumentMigration {

  /**
   * @param paused whether it waits to be resumed
   * @param documents in the new files, or written so far
   * @param bytes of these documents
   */
  record Outcome(boolean paused, long documents, long bytes) {}

  private final DocumentStoreTarget target;
  private final String documents;
  private final StepContext context;
  private final MigrationFiles files;
  private final MigrationConditions conditions;
  private final PartFile.Disk disk;
  private Checkpoint checkpoint;
  private ProgressFile progress;

  DocumentMigration(DocumentStoreTarget target, String documents, StepContext context) {
    this(target, documents, context, PartFile.DISK);
  }

  DocumentMigration(
      DocumentStoreTarget target, String documents, StepContext context, PartFile.Disk disk) {
    this.target = target;
    this.documents = documents;
    this.context = context;
    this.files = new MigrationFiles(target);
    this.conditions = new MigrationConditions(target, files);
    this.disk = disk;
  }

  /**
   * Starts, or continues where an earlier execution of this run was paused or killed.
   *
   * @throws BusinessStop when the legacy files cannot be migrated, or were changed meanwhile; the
   *     files in place are as they were
   */
  Outcome run() throws Exception {
    Optional<Placed> placed = files.readPlaced().filter(p -> p.runId().equals(context.runId()));
    if (placed.isPresent()) { // an earlier attempt had finished
      return end(placed.get());
    }
    takeBackThePauseThatEnded();
    conditions.refuseUnfinishedRestore();
    Artifact snapshot = RunSnapshot.require(documents, context);
    files.create();
    begin();
    if (!checkpoint.placing()) {
      conditions.refuseChangedNewFiles(snapshot);
      long began = System.nanoTime();
      long read = 0;
      for (NewFile store : NewFile.of(target)) {
        Part part = checkpoint.parts().get(store.name());
        if (part == null || !part.finished()) {
          read += size(store);
          if (!write(store, snapshot)) {
            return pause();
          }
        } else {
          part.documents().forEach(progress::documents);
          store.collections().forEach(progress::finished);
        }
      }
      check();
      Throughput.measured(read, System.nanoTime() - began);
      conditions.refuseChangedNewFiles(snapshot);
      save(
          new Checkpoint(
              checkpoint.runId(),
              checkpoint.startedAt(),
              checkpoint.legacy(),
              checkpoint.parts(),
              true));
    }
    return end(place());
  }

  /**
   * Withdraws the request that paused the run, so that whoever resumes it need not know of it. Only
   * the execution after a pause does so, and only at its start: a later request must be heeded.
   */
  private void takeBackThePauseThatEnded() throws IOException {
    boolean resumes =
        context.attempt() == 1
            && context.started(MigrateDocuments.class).stream()
                .flatMap(past -> past.result(MigrateDocuments.Result.class).stream())
                .anyMatch(MigrateDocuments.Result::paused);
    if (resumes) {
      MigrationPause.of(target).clear();
    }
  }

  private void begin() throws IOException {
    Optional<Checkpoint> left = files.readCheckpoint();
    if (left.isPresent() && !left.get().runId().equals(context.runId())) {
      context.log("Removed an unfinished migration of run %s", left.get().runId());
      files.removeUnfinished();
      files.create();
      left = Optional.empty();
    }
    checkpoint =
        left.orElseGet(
            () -> new Checkpoint(context.runId(), Instant.now(), Map.of(), Map.of(), false));
    progress =
        new ProgressFile(target, context.runId(), checkpoint.startedAt(), context.progress());
    progress.stage(Stage.READING, "reading the legacy files");
    conditions.refuseOtherFilesystem();
    conditions.refuseWithoutRoom(checkpoint);
  }

  private long size(NewFile store) throws IOException {
    long size = 0;
    for (String collection : store.collections()) {
      size += FileState.attributes(target.legacyFile(collection)).map(FileState::size).orElse(0L);
    }
    return size;
  }

  /** Writes one new file. Returns false when it was paused. */
  private boolean write(NewFile store, Artifact snapshot) throws Exception {
    progress.stage(Stage.READING, "reading the legacy files of " + store.name());
    StoreScan scan =
        StoreScan.of(
            store,
            (collection, offset) -> {
              context.cancellation().throwIfCancelled();
              progress.tick();
            });
    Map<String, FileState> legacy = new LinkedHashMap<>(checkpoint.legacy());
    for (CollectionScan collection : scan.collections()) {
      new LegacyFileCheck(target, collection).refuse(checkpoint, snapshot);
      legacy.put(collection.collection(), collection.state());
      progress.documents(collection.collection(), collection.winners().length);
    }
    save(
        new Checkpoint(
            checkpoint.runId(), checkpoint.startedAt(), legacy, checkpoint.parts(), false));
    progress.stage(Stage.WRITING, "writing " + store.name());
    return new StoreWriter(scan, files.part(store), disk, progress, context)
        .write(
            MigrationPause.of(target),
            checkpoint.parts().get(store.name()),
            part -> save(with(store, part)));
  }

  private Checkpoint with(NewFile store, Part part) {
    Map<String, Part> parts = new LinkedHashMap<>(checkpoint.parts());
    parts.put(store.name(), part);
    return new Checkpoint(
        checkpoint.runId(), checkpoint.startedAt(), checkpoint.legacy(), parts, false);
  }

  private void save(Checkpoint next) throws IOException {
    files.write(next);
    checkpoint = next;
  }

  private void check() throws IOException {
    progress.stage(Stage.CHECKING, "reading back what was written");
    NedbFile.Position position =
        offset -> {
          context.cancellation().throwIfCancelled();
          progress.tick();
        };
    for (NewFile store : NewFile.of(target)) {
      PartCheck.check(files.part(store), checkpoint.parts().get(store.name()), position);
    }
    for (String collection : target.collections()) {
      progress.tick();
      context.cancellation().throwIfCancelled();
      LegacyFileCheck.refuseChanged(
          target.legacyFile(collection), checkpoint.legacy().get(collection));
    }
  }

  private Placed place() throws IOException {
    progress.stage(Stage.PLACING, "putting the new files in place");
    for (NewFile store : NewFile.of(target)) {
      Path part = files.part(store);
      Part written = checkpoint.parts().get(store.name());
      if (Files.exists(part)) {
        Optional<Path> like = like(store);
        if (like.isPresent()) {
          FileOwner.of(like.get()).apply(part);
        }
        Files.move(part, store.path(), StandardCopyOption.ATOMIC_MOVE);
        PrivateFiles.flush(target.store());
      } else if (!FileState.of(store.path())
          .map(FileState::sha256)
          .equals(Optional.of(written.sha256()))) {
        throw new TargetException(
            "%s is neither in place nor under its temporary name; take the migration back and begin again"
                .formatted(store.path()));
      }
    }
    Map<String, PlacedFile> placed = new LinkedHashMap<>();
    long count = 0;
    long bytes = 0;
    for (Map.Entry<String, Part> part : checkpoint.parts().entrySet()) {
      Part written = part.getValue();
      placed.put(
          part.getKey(),
          new PlacedFile(
              written.length(),
              written.sha256(),
              FileState.attributes(target.store().resolve(part.getKey()))
                  .map(FileState::key)
                  .orElse(null)));
      bytes += written.length();
      count += written.documents().values().stream().mapToLong(Long::longValue).sum();
    }
    Placed result =
        new Placed(
            context.runId(), Instant.now(), count, bytes, placed, false, checkpoint.legacy());
    files.write(result);
    progress.stage(Stage.DONE, "done");
    return result;
  }

  /** The file whose owner and mode a new file gets: its predecessor or a legacy file. */
  private Optional<Path> like(NewFile store) {
    Stream<String> collections =
        Stream.concat(store.collections().stream(), target.collections().stream());
    return Stream.concat(Stream.of(store.path()), collections.map(target::legacyFile))
        .filter(Files::exists)
        .findFirst();
  }

  private Outcome end(Placed placed) throws IOException {
    files.removeUnfinished();
    return new Outcome(false, placed.documents(), placed.bytes());
  }

  private Outcome pause() throws IOException {
    progress.stage(Stage.PAUSED, "paused");
    long count = 0;
    long bytes = 0;
    for (Part part : checkpoint.parts().values()) {
      bytes += part.length();
      count += part.documents().values().stream().mapToLong(Long::longValue).sum();
    }
    context.log("Paused after %,d documents; the next start goes on from here", count);
    return new Outcome(true, count, bytes);
  }
}
