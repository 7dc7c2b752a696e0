package io.belay.capability.document;

import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The files of one side and their indexes. An index is kept while there is memory for it, and
 * rebuilt on demand.
 */
final class StoreSide {

  private static final int ATTEMPTS = 5;

  /** Reads one file. */
  interface Work<T> {
    T on(DocumentIndex index) throws IOException;
  }

  private static final class Slot {
    SoftReference<DocumentIndex> index = new SoftReference<>(null);
  }

  private final DocumentStoreTarget target;
  private final QuerySide side;
  private final Map<Path, Slot> slots = new ConcurrentHashMap<>();

  StoreSide(DocumentStoreTarget target, QuerySide side) {
    this.target = target;
    this.side = side;
  }

  /** Whether it has or had documents of that collection; false when its file is missing. */
  boolean knows(String collection) throws IOException {
    return Files.exists(file(collection)) && read(collection, index -> index.knows(collection));
  }

  /**
   * Does work on the current state of the collection's file; repeats it if the file was replaced
   * meanwhile.
   */
  <T> T read(String collection, Work<T> work) throws IOException {
    return read(file(collection), side == QuerySide.LEGACY ? collection : null, work);
  }

  private <T> T read(Path file, String only, Work<T> work) throws IOException {
    Slot slot = slots.computeIfAbsent(file, key -> new Slot());
    for (int attempt = 1; ; attempt++) {
      try {
        return work.on(index(slot, file, only));
      } catch (DocumentIndex.Overwritten again) {
        if (attempt == ATTEMPTS) {
          throw again;
        }
        synchronized (slot) {
          slot.index.clear();
        }
      }
    }
  }

  private static DocumentIndex index(Slot slot, Path file, String only) throws IOException {
    synchronized (slot) { // concurrent callers wait for the same index
      DocumentIndex index = slot.index.get();
      if (index == null || !index.refresh()) {
        // The old one is not closed, since others may still read; its file closes when they
        // are done.
        index = DocumentIndex.open(file, only);
        slot.index = new SoftReference<>(index);
      }
      return index;
    }
  }

  private Path file(String collection) {
    return side == QuerySide.LEGACY ? target.legacyFile(collection) : target.newFile(collection);
  }

  long count(String collection) throws IOException {
    return Files.exists(file(collection)) ? read(collection, index -> index.count(collection)) : 0;
  }

  SideHealth health() {
    List<String> problems = new ArrayList<>();
    long documents = 0;
    List<String> one =
        side == QuerySide.LEGACY
            ? target.collections()
            : List.of(target.admin().get(0), target.application().get(0));
    for (String collection : one) {
      try {
        documents += read(collection, index -> healthy(index, problems));
      } catch (NoSuchFileException missing) {
        if (side == QuerySide.NEW || !target.optional().contains(collection)) {
          problems.add(file(collection).getFileName() + " is missing");
        }
      } catch (IOException | RuntimeException e) {
        problems.add(file(collection).getFileName() + " cannot be read: " + e.getMessage());
      }
    }
    return new SideHealth(problems.isEmpty(), documents, problems);
  }

  private static long healthy(DocumentIndex index, List<String> problems) {
    if (index.isCorrupt()) {
      problems.add(
          "%s: more than a tenth of its lines are unreadable (%d); the library would not load it"
              .formatted(index.file().getFileName(), index.unreadable()));
    }
    return index.count();
  }
}
