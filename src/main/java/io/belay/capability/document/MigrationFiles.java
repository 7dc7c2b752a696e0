package io.belay.capability.document;

import io.belay.file.PrivateFiles;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.util.FileSystemUtils;

/** Belay's own files in the {@code state} directory of a document store. */
record MigrationFiles(DocumentStoreTarget target) {

  /**
   * How far a migration has durably progressed.
   *
   * @param legacy each legacy file as it was read
   * @param parts by name of the new file; only those started
   * @param placing whether all is written and checked, so that the new files are being put in place
   */
  record Checkpoint(
      String runId,
      Instant startedAt,
      Map<String, FileState> legacy,
      Map<String, Part> parts,
      boolean placing) {}

  /**
   * One new file.
   *
   * @param length number of valid bytes of the part
   * @param collection number of the collection being written
   * @param next number of the next document of that collection
   * @param documents written, by collection
   * @param sha256 of the finished part; null while it is written
   */
  record Part(long length, int collection, long next, Map<String, Long> documents, String sha256) {

    boolean finished() {
      return sha256 != null;
    }
  }

  /**
   * What a finished migration put in place.
   *
   * @param files by name of the new file
   * @param validated whether a validation found them correct
   * @param legacy each existing legacy file, by collection, as it was migrated
   */
  record Placed(
      String runId,
      Instant at,
      long documents,
      long bytes,
      Map<String, PlacedFile> files,
      boolean validated,
      Map<String, FileState> legacy) {}

  /**
   * @param key device and inode
   */
  record PlacedFile(long size, String sha256, String key) {}

  /**
   * A restore that was started.
   *
   * @param snapshot id of the artifact
   */
  record Restoring(String snapshot, String runId) {}

  Path directory() {
    return target.state().resolve("migration");
  }

  Path part(NewFile file) {
    return directory().resolve(file.name() + ".part");
  }

  private Path checkpoint() {
    return directory().resolve("checkpoint.json");
  }

  Path placed() {
    return target.state().resolve("placed.json");
  }

  /** The query mode's file, which belongs to the query adapter. */
  Path mode() {
    return target.state().resolve("mode.json");
  }

  private Path restoring() {
    return target.state().resolve("restore.json");
  }

  Optional<Checkpoint> readCheckpoint() throws IOException {
    return StateFile.read(checkpoint(), Checkpoint.class);
  }

  void write(Checkpoint value) throws IOException {
    StateFile.write(checkpoint(), value);
  }

  Optional<Placed> readPlaced() throws IOException {
    return StateFile.read(placed(), Placed.class);
  }

  void write(Placed value) throws IOException {
    StateFile.write(placed(), value);
  }

  /**
   * Records that the files in place were found correct; from then on applications may change them.
   */
  void markValidated() throws IOException {
    Optional<Placed> placed = readPlaced();
    if (placed.isPresent() && !placed.get().validated()) {
      Placed p = placed.get();
      write(new Placed(p.runId(), p.at(), p.documents(), p.bytes(), p.files(), true, p.legacy()));
    }
  }

  Optional<Restoring> readRestoring() throws IOException {
    return StateFile.read(restoring(), Restoring.class);
  }

  void write(Restoring value) throws IOException {
    StateFile.write(restoring(), value);
  }

  /** Creates the directory for an unfinished migration. */
  void create() {
    try {
      PrivateFiles.claim(directory());
      if (!Files.isWritable(directory()) || !Files.isWritable(target.store())) {
        throw new IOException("permission denied");
      }
    } catch (IOException e) {
      throw new TargetException(
          "Belay cannot write to %s and %s (%s); nothing was changed. Give it the right to, then retry"
              .formatted(target.state(), target.store(), e.getMessage()),
          e);
    }
  }

  /** Removes an unfinished migration, if there is one. */
  void removeUnfinished() throws IOException {
    FileSystemUtils.deleteRecursively(directory());
  }

  /** Removes all that a migration or a restore left here, except the record of what is in place. */
  void removeTraces() throws IOException {
    removeUnfinished();
    for (String name : List.of("progress.json", "pause.json", "restore.json")) {
      Files.deleteIfExists(target.state().resolve(name));
    }
    for (String name : List.of("progress.json", "pause.json", "restore.json", "placed.json")) {
      Files.deleteIfExists(StateFile.part(target.state().resolve(name)));
    }
  }
}
