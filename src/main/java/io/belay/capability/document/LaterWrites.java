package io.belay.capability.document;

import io.belay.artifact.Artifact;
import io.belay.artifact.ArtifactStore;
import io.belay.capability.document.DocumentValidation.History;
import io.belay.file.PrivateFiles;
import io.belay.target.Cancellation;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.springframework.util.FileSystemUtils;

/**
 * Counts the documents that applications added, changed or deleted since a migration, which a
 * restore of the migration's snapshot loses. Compares the new files with the legacy files of the
 * snapshot, document by document, so that it does not matter how often the library has rewritten
 * them.
 */
final class LaterWrites {

  private LaterWrites() {}

  /**
   * Needs room in the store's state directory for the legacy files while it counts.
   *
   * @param snapshot that was taken before the migration
   * @throws io.belay.target.TargetException when the snapshot cannot be relied on
   */
  static long count(DocumentStoreTarget target, Artifact snapshot, ArtifactStore artifacts)
      throws IOException {
    // where a later migration or restore removes it if this process is killed
    Path unfinished = new MigrationFiles(target).directory();
    Path legacy = PrivateFiles.directories(unfinished.resolve("count-" + UUID.randomUUID()));
    try {
      new SnapshotReader(artifacts, (done, total, unit, message) -> {}, Cancellation.NONE)
          .read(
              snapshot,
              path ->
                  path.startsWith(SnapshotWriter.LEGACY + "/")
                      ? PrivateFiles.output(legacy.resolve(Path.of(path).getFileName()))
                      : null);
      long count = 0;
      for (NewFile store : NewFile.of(with(legacy, target))) {
        if (Files.exists(store.path())) {
          count += differences(store);
        }
      }
      return count;
    } finally {
      FileSystemUtils.deleteRecursively(legacy);
      removeIfEmpty(unfinished);
    }
  }

  private static void removeIfEmpty(Path directory) throws IOException {
    try {
      Files.deleteIfExists(directory);
    } catch (DirectoryNotEmptyException inUse) {
      // it contains somebody else's files
    }
  }

  private static DocumentStoreTarget with(Path legacy, DocumentStoreTarget target) {
    return new DocumentStoreTarget(
        legacy,
        target.store(),
        target.state(),
        target.admin(),
        target.application(),
        target.optional(),
        target.references(),
        target.administrators(),
        target.passwords());
  }

  private static long differences(NewFile store) throws IOException {
    StoreComparison comparison =
        new StoreComparison(store, History.UNKNOWN, Long.MAX_VALUE, new ContentHash.Canonical());
    comparison.readLegacy((name, offset) -> {}, (collection, line, offset) -> {});
    comparison.readNew((name, offset) -> {}, (line, buffer, start, end, offset) -> {});
    return comparison.missing().count()
        + comparison.different().count()
        + comparison.revived().count()
        + comparison.extra().count();
  }
}
