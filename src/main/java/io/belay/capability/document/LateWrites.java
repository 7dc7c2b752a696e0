package io.belay.capability.document;

import io.belay.capability.document.DocumentValidation.History;
import io.belay.capability.document.MigrationFiles.Placed;
import io.belay.capability.document.MigrationFiles.PlacedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds the legacy files that an application wrote to after their documents were moved. The new
 * files lack these writes: until somebody acts, queries get wrong answers.
 *
 * <p>Each file is compared with its state at the move. Only documents count: a file that the
 * library has rewritten with the same documents is no late write, nor is a new index or a file that
 * is gone.
 */
final class LateWrites {

  private static final int NAMED = 3;

  private final DocumentStoreTarget target;
  private final NedbFile.Position position;

  /**
   * A legacy file with late writes.
   *
   * @param documents some of the ids written or deleted; an unreadable line appears as such
   * @param more whether there are more
   */
  record LateWrite(String file, Instant at, List<String> documents, boolean more) {

    @Override
    public String toString() {
      return "%s was written to at %s, after its documents were moved: %s%s"
          .formatted(
              file,
              at.truncatedTo(ChronoUnit.SECONDS),
              String.join(", ", documents),
              more ? " and more" : "");
    }
  }

  private LateWrites(DocumentStoreTarget target, NedbFile.Position position) {
    this.target = target;
    this.position = position;
  }

  /**
   * @param content whether to read even files whose size, time and inode are unchanged; without it,
   *     a write that kept all three goes unnoticed
   * @return empty when there is none, or nothing was moved
   * @throws IOException when a file cannot be read, so that the answer is unknown
   */
  static List<LateWrite> find(
      DocumentStoreTarget target, boolean content, NedbFile.Position position) throws IOException {
    Optional<Placed> placed = new MigrationFiles(target).readPlaced();
    return placed.isEmpty()
        ? List.of()
        : new LateWrites(target, position).find(placed.get(), content);
  }

  private List<LateWrite> find(Placed placed, boolean content) throws IOException {
    List<LateWrite> found = new ArrayList<>();
    for (NewFile store : NewFile.of(target)) {
      Map<String, FileState> rewritten = new LinkedHashMap<>();
      for (String collection : store.collections()) {
        Path file = target.legacyFile(collection);
        Optional<FileState> now = FileState.attributes(file);
        FileState was = placed.legacy().get(collection);
        if (now.isEmpty() || (was != null && !content && was.sameAttributes(now.get()))) {
          continue;
        }
        long moved = was == null ? 0 : was.size();
        if (moved == 0 || FileState.hash(file, moved).equals(was.sha256())) {
          appended(file, moved, now.get()).ifPresent(found::add);
        } else {
          rewritten.put(collection, now.get());
        }
      }
      if (!rewritten.isEmpty()) {
        found.addAll(rewritten(store, rewritten, placed));
      }
    }
    return found;
  }

  private Optional<LateWrite> appended(Path file, long moved, FileState now) throws IOException {
    Tally documents = new Tally();
    NedbLine line = new NedbLine();
    NedbFile.read(
        file,
        moved,
        null,
        position,
        (buffer, start, end, offset, number, complete) -> {
          line.parse(buffer, start, end);
          switch (line.kind()) {
            case DOCUMENT, DELETION -> documents.add(line.id());
            case UNREADABLE ->
                documents.add("a line at byte %d that cannot be read".formatted(offset));
            default -> {} // an index holds no documents
          }
        });
    return late(file, now, documents.examples());
  }

  /**
   * Compares rewritten files with the new file, which shows what was moved if it is still what was
   * written.
   */
  private List<LateWrite> rewritten(NewFile store, Map<String, FileState> rewritten, Placed placed)
      throws IOException {
    PlacedFile file = placed.files().get(store.name());
    History history = DocumentValidation.history(store, file, placed.validated());
    StoreComparison comparison =
        new StoreComparison(
            store,
            history,
            history == History.INTACT ? file.size() : Long.MAX_VALUE,
            new ContentHash.Canonical());
    comparison.readLegacy((name, offset) -> position.reached(offset), (name, line, offset) -> {});
    comparison.readNew(
        (name, offset) -> position.reached(offset), (line, buffer, start, end, offset) -> {});
    List<String> different =
        Stream.of(
                comparison.missing(),
                comparison.different(),
                comparison.revived(),
                comparison.extra())
            .flatMap(tally -> tally.examples().stream())
            .toList();
    List<LateWrite> found = new ArrayList<>();
    rewritten.forEach(
        (collection, now) ->
            late(
                    target.legacyFile(collection),
                    now,
                    different.stream()
                        .filter(name -> name.startsWith(collection + "/"))
                        .map(name -> name.substring(collection.length() + 1))
                        .distinct()
                        .toList())
                .ifPresent(found::add));
    return found;
  }

  private static Optional<LateWrite> late(Path file, FileState now, List<String> documents) {
    return documents.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new LateWrite(
                file.getFileName().toString(),
                Instant.ofEpochMilli(now.modified()),
                documents.stream().limit(NAMED).toList(),
                documents.size() > NAMED));
  }
}
