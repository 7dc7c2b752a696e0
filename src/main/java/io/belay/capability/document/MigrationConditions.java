package io.belay.capability.document;

import io.belay.artifact.Artifact;
import io.belay.capability.document.MigrationFiles.Checkpoint;
import io.belay.capability.document.MigrationFiles.Part;
import io.belay.step.BusinessStop;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;

/** Conditions for a migration; each method refuses the violation in its name. */
record MigrationConditions(DocumentStoreTarget target, MigrationFiles files) {

  void refuseUnfinishedRestore() throws IOException {
    if (files.readRestoring().isPresent()) {
      throw new BusinessStop(
          "the restore of snapshot %s was begun and is not finished; restore it first"
              .formatted(files.readRestoring().get().snapshot()));
    }
  }

  /** Counts only what is still to be written, which is about as long as what is read. */
  void refuseWithoutRoom(Checkpoint checkpoint) throws IOException {
    long written = checkpoint.parts().values().stream().mapToLong(Part::length).sum();
    long needed = Sizes.of(target).bytes() - written;
    long free = Files.getFileStore(files.directory()).getUsableSpace();
    if (!checkpoint.placing() && free < needed) {
      throw new TargetException(
          "%,d bytes are needed and %,d are free in %s; the files in place are as they were. Make room, then retry"
              .formatted(needed, free, files.directory()));
    }
  }

  void refuseOtherFilesystem() throws IOException {
    if (!Files.getFileStore(files.directory()).equals(Files.getFileStore(target.store()))) {
      throw new BusinessStop(
          "%s is on another filesystem than %s, so files cannot be put in place in one instant; set 'state' to a directory on the same one"
              .formatted(target.state(), target.store()));
    }
  }

  /** Requires the new files to be as in the snapshot, since the undo restores that. */
  void refuseChangedNewFiles(Artifact snapshot) throws IOException {
    for (NewFile store : NewFile.of(target)) {
      String now = FileState.of(store.path()).map(FileState::sha256).orElse(SnapshotWriter.ABSENT);
      if (!now.equals(RunSnapshot.hash(snapshot, SnapshotWriter.STORE, store.name()))) {
        throw new BusinessStop(
            "%s was changed since the snapshot was taken, so the migration could not be taken back without losing that; take another snapshot"
                .formatted(store.path()));
      }
    }
  }
}
