package io.belay.document;

import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads a finished part back before it is put in place: is it on disk as it was written, is each
 * line a document of its own {@code _id} or an index, are there as many of each collection as were
 * chosen?
 */
final class PartCheck {

  private static final long SEEN = 0;

  private final Path part;
  private final Map<String, Long> counts = new HashMap<>();
  private final IdTable ids = new IdTable();

  private PartCheck(Path part) {
    this.part = part;
  }

  /**
   * @throws TargetException when it is not what was written; it must not be put in place then
   */
  static void check(Path part, MigrationFiles.Part written, NedbFile.Position position)
      throws IOException {
    new PartCheck(part).run(written, position);
  }

  private void run(MigrationFiles.Part written, NedbFile.Position position) throws IOException {
    BackgroundDigest digest = new BackgroundDigest();
    NedbLine line = new NedbLine();
    NedbFile.read(
        part,
        0,
        digest,
        position,
        (buffer, start, end, offset, number, complete) -> {
          line.parse(buffer, start, end);
          switch (line.kind()) {
            case DOCUMENT -> document(line, number);
            case INDEX_CREATED -> {
              // was decided from the legacy files' indexes
            }
            default -> throw wrong("line %d %s".formatted(number, line.problem()));
          }
        });
    if (!digest.sha256().equals(written.sha256())) {
      throw wrong("its content is not what was written");
    }
    written
        .documents()
        .forEach(
            (collection, documents) -> {
              long found = counts.getOrDefault(collection, 0L);
              if (found != documents) {
                throw wrong(
                    "it has %d documents of %s instead of %d"
                        .formatted(found, collection, documents));
              }
            });
  }

  private void document(NedbLine line, long number) {
    if (line.collection() == null) {
      throw wrong("line %d has no collection".formatted(number));
    }
    counts.merge(line.collection(), 1L, Long::sum);
    int place = ids.place(line.id(), 0);
    if (ids.get(place) == SEEN) {
      throw wrong("line %d has an _id that was there before".formatted(number));
    }
    ids.set(place, SEEN);
  }

  private TargetException wrong(String what) {
    return new TargetException(
        "%s was written and is not right: %s. Nothing was put in place; take the migration back and look at the disk"
            .formatted(part, what));
  }
}
