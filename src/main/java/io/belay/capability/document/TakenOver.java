package io.belay.capability.document;

import io.belay.capability.document.MigrationFiles.Placed;
import io.belay.capability.document.MigrationFiles.PlacedFile;
import java.io.IOException;
import java.util.Optional;

/**
 * The lines that the last migration read or wrote. Both sides had their documents when it ended: a
 * document that only one side has now was deleted on the other, even if a compaction has removed
 * every trace.
 */
final class TakenOver {

  private final DocumentStoreTarget target;
  private final MigrationFiles files;
  private volatile Seen seen;

  private record Seen(FileState state, Placed placed) {}

  /** The first bytes of a file, valid while it is the same file. */
  private record Span(String key, long size) {}

  TakenOver(DocumentStoreTarget target) {
    this.target = target;
    this.files = new MigrationFiles(target);
  }

  /** Whether that line of the side's file existed when the migration ended. */
  boolean has(QuerySide side, String collection, DocumentIndex index, long place)
      throws IOException {
    return span(side, collection)
        .filter(span -> index.key().equals(span.key()) && place < span.size())
        .isPresent();
  }

  /** Whether that side had the collection when the migration ended, even if it was empty. */
  boolean has(QuerySide side, String collection) throws IOException {
    return span(side, collection).isPresent();
  }

  private Optional<Span> span(QuerySide side, String collection) throws IOException {
    Optional<Placed> placed = placed();
    if (side == QuerySide.LEGACY) {
      return placed
          .map(p -> p.legacy().get(collection))
          .map(file -> new Span(file.key(), file.size()));
    }
    String name = target.newFile(collection).getFileName().toString();
    return placed
        .map(p -> p.files().get(name))
        .map((PlacedFile file) -> new Span(file.key(), file.size()));
  }

  private Optional<Placed> placed() throws IOException {
    Optional<FileState> now = FileState.attributes(files.placed());
    if (now.isEmpty()) {
      return Optional.empty();
    }
    Seen known = seen;
    if (known == null || !known.state().sameAttributes(now.get())) {
      // Attributes first: a file that is replaced in between differs the next time.
      Optional<Placed> read = files.readPlaced();
      if (read.isEmpty()) {
        return read;
      }
      known = new Seen(now.get(), read.get());
      seen = known;
    }
    return Optional.of(known.placed());
  }
}
