package io.belay.capability.document;

import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a finished part back before it is put in place: it must be on disk as it was written, each
 * line must be a document with a unique {@code _id} or an index, and each collection must have as
 * many documents as were chosen.
 */
final class PartCheck {

  private static final long SEEN = 0;
  private static final int PIECES = 4;

  private final Path part;
  private final List<Found> found = new ArrayList<>();
  private volatile String sha256;

  /** What one reader found. */
  private record Found(Map<String, Long> counts, IdTable ids) {}

  /** A piece to read, for whichever reader is free. */
  private interface Piece {
    void read(Found found, Readers.Ending ending) throws IOException;
  }

  private PartCheck(Path part) {
    this.part = part;
    IdTable ids = new IdTable();
    for (int i = 0; i < Readers.COUNT; i++) {
      found.add(new Found(new HashMap<>(), i == 0 ? ids : ids.sister()));
    }
  }

  /**
   * @param position receives the progress, on the calling thread
   * @throws TargetException when it is not what was written, so that it must not be put in place
   */
  static void check(Path part, MigrationFiles.Part written, NedbFile.Position position)
      throws IOException {
    new PartCheck(part).run(written, position);
  }

  private void run(MigrationFiles.Part written, NedbFile.Position position) throws IOException {
    Readers.read(
        pieces(),
        (piece, reader, ending) -> piece.read(found.get(reader), ending),
        () -> position.reached(0));
    if (!written.sha256().equals(sha256)) {
      throw wrong("its content is not what was written");
    }
    Map<String, Long> counts = new HashMap<>();
    for (Found one : found) {
      one.counts().forEach((name, count) -> counts.merge(name, count, Long::sum));
      if (one != found.get(0) && found.get(0).ids().meets(one.ids())) {
        throw wrong("two lines have the same _id");
      }
    }
    written
        .documents()
        .forEach(
            (collection, documents) -> {
              long there = counts.getOrDefault(collection, 0L);
              if (there != documents) {
                throw wrong(
                    "it has %d documents of %s instead of %d"
                        .formatted(there, collection, documents));
              }
            });
  }

  private List<Piece> pieces() throws IOException {
    List<Piece> pieces = new ArrayList<>();
    pieces.add((by, ending) -> sha256 = FileState.hash(part, offset -> ending.check()));
    long size = Files.size(part);
    try (FileChannel channel = FileChannel.open(part, StandardOpenOption.READ)) {
      long from = 0;
      for (int i = 1; i <= PIECES && from < size; i++) {
        long start = from;
        long near = Math.max(from, size / PIECES * i);
        long end =
            i == PIECES ? size : Math.min(size, near + NedbFile.line(channel, near).length + 1);
        pieces.add((by, ending) -> lines(start, end, by, ending));
        from = end;
      }
    }
    return pieces;
  }

  private void lines(long from, long to, Found by, Readers.Ending ending) throws IOException {
    NedbLine line = new NedbLine();
    NedbFile.read(
        part,
        from,
        to,
        null,
        offset -> ending.check(),
        (buffer, start, end, offset, number, complete) -> {
          line.parse(buffer, start, end);
          switch (line.kind()) {
            case DOCUMENT -> document(by, line, offset);
            case INDEX_CREATED -> {
              // decided from the legacy files' indexes
            }
            default -> throw wrong("the line at byte %d %s".formatted(offset, line.problem()));
          }
        });
  }

  private void document(Found by, NedbLine line, long offset) {
    if (line.collection() == null) {
      throw wrong("the line at byte %d has no collection".formatted(offset));
    }
    by.counts().merge(line.collection(), 1L, Long::sum);
    int place = by.ids().place(line.id(), 0);
    if (by.ids().get(place) == SEEN) {
      throw wrong("the line at byte %d has an _id that was there before".formatted(offset));
    }
    by.ids().set(place, SEEN);
  }

  private TargetException wrong(String what) {
    return new TargetException(
        "%s was written and is not right: %s. Nothing was put in place; take the migration back and look at the disk"
            .formatted(part, what));
  }
}
