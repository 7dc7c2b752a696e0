package io.belay.capability.document;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The content of a snapshot, and which files did not exist when it was taken.
 *
 * @param identity of the store
 */
record SnapshotManifest(String identity, Instant takenAt, List<Entry> entries) {

  /** Name of the manifest within the snapshot; the last entry. */
  static final String NAME = "MANIFEST.json";

  /**
   * One file.
   *
   * @param role {@code legacy}, {@code store} or {@code state}: the directory that it belongs to
   * @param name of the file
   * @param size in bytes; -1 when it did not exist
   * @param sha256 of the content; null when it did not exist
   * @param modified milliseconds since 1970
   */
  record Entry(String role, String name, long size, String sha256, long modified, FileOwner owner) {

    static Entry absent(Place place) {
      return new Entry(place.role(), place.name(), -1, null, 0, null);
    }

    boolean present() {
      return sha256 != null;
    }

    String path() {
      return role + "/" + name;
    }
  }

  /** The location of a file. */
  record Place(String role, String name, Path file) {

    String path() {
      return role + "/" + name;
    }
  }

  /** All files of a store, legacy ones first, including those that do not exist. */
  static List<Place> places(DocumentStoreTarget target) {
    List<Place> places = new ArrayList<>();
    for (String collection : target.collections()) {
      Path file = target.legacyFile(collection);
      places.add(new Place(SnapshotWriter.LEGACY, file.getFileName().toString(), file));
    }
    for (NewFile store : NewFile.of(target)) {
      places.add(new Place(SnapshotWriter.STORE, store.name(), store.path()));
    }
    MigrationFiles files = new MigrationFiles(target);
    for (Path file : List.of(files.mode(), files.placed())) {
      places.add(new Place(SnapshotWriter.STATE, file.getFileName().toString(), file));
    }
    return places;
  }
}
