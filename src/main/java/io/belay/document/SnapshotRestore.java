package io.belay.document;

import io.belay.document.MigrationFiles.Restoring;
import io.belay.document.SnapshotManifest.Entry;
import io.belay.document.SnapshotManifest.Place;
import io.belay.file.PrivateFiles;
import io.belay.step.StepContext;
import io.belay.target.Artifact;
import io.belay.target.DocumentStoreTarget;
import io.belay.target.TargetException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gives files back from a snapshot, byte for byte, with owner, mode and time; files that were not
 * there are removed. The whole snapshot is verified first. What differs is then written beside its
 * place; only when all of that is on disk and right, a note of the restore is written and each file
 * is renamed. Killed anywhere, a repeated restore ends the same; until then the note is there.
 */
final class SnapshotRestore {

  /** Which files. */
  enum Scope {
    /** Legacy files, new files, and the query mode. */
    ALL,
    /** The new files, and what Belay noted about them. */
    NEW_FILES;

    boolean has(Place place) {
      return this == ALL
          || place.role().equals(SnapshotWriter.STORE)
          || place.name().equals("placed.json");
    }
  }

  private final DocumentStoreTarget target;
  private final StepContext context;
  private final MigrationFiles files;

  SnapshotRestore(DocumentStoreTarget target, StepContext context) {
    this.target = target;
    this.context = context;
    this.files = new MigrationFiles(target);
  }

  /** The number of files that were written or removed. */
  int restore(Artifact snapshot, Scope scope) throws Exception {
    SnapshotManifest manifest = new SnapshotReader(context).verify(snapshot);
    if (!manifest.identity().equals(target.identity().orElseThrow())) {
      throw new TargetException(
          "the snapshot %s is one of %s; nothing was changed"
              .formatted(snapshot.id(), manifest.identity()));
    }
    Map<String, Entry> wanted = new LinkedHashMap<>();
    manifest.entries().forEach(entry -> wanted.put(entry.path(), entry));
    Map<Place, Entry> different = new LinkedHashMap<>();
    for (Place place : SnapshotManifest.places(target)) {
      Entry entry = wanted.getOrDefault(place.path(), Entry.absent(place));
      if (scope.has(place)) {
        Files.deleteIfExists(staged(place));
        if (!isAsIn(entry, place)) {
          different.put(place, entry);
        }
      }
    }
    if (!different.isEmpty()) {
      stage(snapshot, different);
      if (different.keySet().stream().anyMatch(place -> place.file().equals(files.mode()))) {
        QuerySettings.of(target).beginRestore(context.fence());
      }
      files.write(new Restoring(snapshot.id(), context.runId()));
      apply(different);
    }
    for (Place place : SnapshotManifest.places(target)) {
      if (scope.has(place)
          && !isAsIn(wanted.getOrDefault(place.path(), Entry.absent(place)), place)) {
        throw new TargetException(
            "%s is not as in snapshot %s after it was restored; somebody writes to it. Stop that, then retry"
                .formatted(place.file(), snapshot.id()));
      }
    }
    files.removeTraces();
    return different.size();
  }

  private static boolean isAsIn(Entry entry, Place place) throws IOException {
    Optional<FileState> now = FileState.attributes(place.file());
    if (now.isEmpty() || !entry.present()) {
      return now.isEmpty() && !entry.present();
    }
    return now.get().size() == entry.size()
        && FileOwner.of(place.file()).equals(entry.owner())
        && FileState.hash(place.file()).equals(entry.sha256());
  }

  /** In the same directory, so that a rename is enough. */
  private static Path staged(Place place) {
    return place.file().resolveSibling("." + place.name() + ".belay-restore");
  }

  private void stage(Artifact snapshot, Map<Place, Entry> different) throws IOException {
    Map<String, Place> present = new LinkedHashMap<>();
    different.forEach(
        (place, entry) -> {
          if (entry.present()) {
            present.put(place.path(), place);
          }
        });
    if (present.isEmpty()) {
      return;
    }
    new SnapshotReader(context)
        .read(
            snapshot,
            path -> {
              Place place = present.get(path);
              return place == null ? null : create(staged(place));
            });
    for (Place place : present.values()) {
      Entry entry = different.get(place);
      Path staged = staged(place);
      if (!FileState.hash(staged).equals(entry.sha256())) {
        throw new TargetException(
            "%s was written and is not right; the files in place are as they were. Look at the disk, then retry"
                .formatted(staged));
      }
      entry.owner().apply(staged);
      Files.setLastModifiedTime(staged, FileTime.fromMillis(entry.modified()));
      try (FileChannel channel = FileChannel.open(staged, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    }
  }

  private static OutputStream create(Path staged) {
    try {
      PrivateFiles.directories(staged.getParent());
      return new Staging(staged, PrivateFiles.output(staged));
    } catch (IOException e) {
      throw unwritable(staged, e);
    }
  }

  private static TargetException unwritable(Path staged, IOException cause) {
    return new TargetException(
        "%s cannot be written (%s); the files in place are as they were. Make room, or give Belay the right to write there, then retry"
            .formatted(staged, cause),
        cause);
  }

  /** Tells a disk that cannot be written from a snapshot that cannot be read. */
  private static final class Staging extends FilterOutputStream {

    private final Path file;

    Staging(Path file, OutputStream out) {
      super(out);
      this.file = file;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        throw unwritable(file, e);
      }
    }
  }

  private void apply(Map<Place, Entry> different) throws IOException {
    Set<Path> directories = new LinkedHashSet<>();
    for (Map.Entry<Place, Entry> one : different.entrySet()) {
      Place place = one.getKey();
      if (one.getValue().present()) {
        Files.move(staged(place), place.file(), StandardCopyOption.ATOMIC_MOVE);
        context.log("Restored %s", place.file());
      } else {
        Files.deleteIfExists(place.file());
        context.log("Removed %s, which was not there when the snapshot was taken", place.file());
      }
      directories.add(place.file().getParent());
    }
    for (Path directory : directories) {
      if (Files.isDirectory(directory)) {
        PrivateFiles.flush(directory);
      }
    }
  }
}
