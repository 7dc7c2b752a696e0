package io.belay.capability.document;

import io.belay.artifact.Artifact;
import io.belay.capability.document.MigrationFiles.Restoring;
import io.belay.capability.document.SnapshotManifest.Entry;
import io.belay.capability.document.SnapshotManifest.Place;
import io.belay.file.PrivateFiles;
import io.belay.step.StepContext;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * Restores files from a snapshot, byte for byte, with owner, mode and time; removes files that did
 * not exist then. First verifies the whole snapshot, then writes files that differ beside their
 * place. Only when all of these are on disk and correct, it records that a restore has started and
 * renames each file. After a kill at any point, a repeated restore has the same result; until then
 * the record remains.
 */
final class SnapshotRestore {

  /** Kind of the artifact that keeps what applications wrote to a file. */
  static final String KEPT_KIND = "documents-written-since";

  /** Which files to restore. */
  enum Scope {
    /** Legacy files, new files, and the query mode. */
    ALL,
    /** The new files, and Belay's records about them. */
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

  /** Matches files whose content one of the snapshots has. */
  static BiPredicate<Place, String> in(List<Artifact> snapshots) {
    return (place, hash) ->
        snapshots.stream()
            .anyMatch(one -> hash.equals(RunSnapshot.hash(one, place.role(), place.name())));
  }

  /**
   * Restores the files; returns how many were written or removed.
   *
   * @param known whether the content of that hash exists elsewhere; a document file with any other
   *     is one that applications wrote to, and is kept as an artifact first
   */
  int restore(Artifact snapshot, Scope scope, BiPredicate<Place, String> known) throws Exception {
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
      for (Map.Entry<Place, Entry> one : different.entrySet()) {
        keepWhatOthersWrote(one.getKey(), one.getValue(), known);
      }
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

  private void keepWhatOthersWrote(Place place, Entry wanted, BiPredicate<Place, String> known)
      throws Exception {
    Path file = place.file();
    if (place.role().equals(SnapshotWriter.STATE) || !Files.exists(file)) {
      return;
    }
    String hash = FileState.hash(file);
    if (hash.equals(wanted.sha256()) || known.test(place, hash)) {
      return;
    }
    Artifact copy =
        context
            .artifacts()
            .write(
                context.runId(),
                "%s-%s-%s".formatted(KEPT_KIND, place.name(), hash.substring(0, 16)),
                KEPT_KIND,
                out -> {
                  Files.copy(file, out);
                  return Map.of("path", file.toString(), "contentSha256", hash);
                });
    context.log("%s was written to meanwhile; it is kept as artifact %s", file, copy.id());
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

  /** The temporary file, in the same directory, so that a rename is enough. */
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

  /** Distinguishes a disk that cannot be written from a snapshot that cannot be read. */
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
