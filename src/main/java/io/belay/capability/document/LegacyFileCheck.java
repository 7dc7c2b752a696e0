package io.belay.capability.document;

import io.belay.artifact.Artifact;
import io.belay.capability.document.MigrationFiles.Checkpoint;
import io.belay.step.BusinessStop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Checks that a legacy file may be migrated, and that it has not changed. */
record LegacyFileCheck(DocumentStoreTarget target, CollectionScan scan) {

  /**
   * @throws BusinessStop naming the file, when it may not be migrated
   */
  void refuse(Checkpoint checkpoint, Artifact snapshot) throws IOException {
    String name = scan.file().getFileName().toString();
    if (scan.problem() != null) {
      throw new BusinessStop(
          "%s %s; nothing was put in place".formatted(scan.file(), scan.problem()));
    }
    if (!scan.present() && !target.optional().contains(scan.collection())) {
      throw new BusinessStop(
          "%s is missing; nothing was put in place. Name the collection under 'optional' if it may be"
              .formatted(scan.file()));
    }
    if (scan.unreadableLines() > scan.tornLines()) {
      UnreadableLine first =
          scan.unreadable().stream().filter(line -> !line.torn()).findFirst().orElseThrow();
      throw new BusinessStop(
          "%s; %d lines of that file cannot be read, and what they held would be lost. Nothing was put in place; repair or remove them, then start again"
              .formatted(first, scan.unreadableLines() - scan.tornLines()));
    }
    String hash = scan.state() == null ? SnapshotWriter.ABSENT : scan.state().sha256();
    if (!hash.equals(RunSnapshot.hash(snapshot, SnapshotWriter.LEGACY, name))) {
      throw new BusinessStop(
          "%s was changed since the snapshot was taken. Nothing was put in place; stop what writes to it, then start again"
              .formatted(scan.file()));
    }
    FileState before = checkpoint.legacy().get(scan.collection());
    if (before != null && !before.sha256().equals(hash)) {
      throw changed(scan.file());
    }
  }

  /**
   * Reads the file again.
   *
   * @param before as it was read; null when there was no file
   * @throws BusinessStop naming the file, when it was changed in between
   */
  static void refuseChanged(Path file, FileState before) throws IOException {
    Optional<FileState> now = FileState.attributes(file);
    boolean same =
        before == null
            ? now.isEmpty()
            : now.isPresent()
                && now.get().size() == before.size()
                && FileState.hash(file).equals(before.sha256());
    if (!same) {
      throw changed(file);
    }
  }

  private static BusinessStop changed(Path file) {
    return new BusinessStop(
        "%s was changed while it was migrated. Nothing was put in place; stop what writes to it, then start again"
            .formatted(file));
  }
}
