package io.belay.capability.document;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What reading the legacy file of one collection found. */
final class CollectionScan {

  /** Flag of a winner whose line cannot be copied as it is. */
  static final int REWRITE = 1;

  /** Flag of a winner whose {@code _id} an earlier collection of the store has too. */
  static final int COLLIDES = 2;

  private static final int FLAG_BITS = 2;
  static final long DELETED = -1;

  private final String collection;
  private final int number;
  private final Path file;
  private final FieldNames fields = new FieldNames();
  private final Map<String, NedbIndex> indexes = new LinkedHashMap<>();
  private final List<UnreadableLine> unreadable = new ArrayList<>();
  private final List<String> names;
  private final Map<String, Integer> slashes = new HashMap<>();
  private FileState state;
  private String problem;
  private long unreadableLines;
  private long tornLines;
  private long tornBytes;
  private boolean readable;
  private long deletions;
  private long superseded;
  private long broken;
  private long oldest;
  private long newest;
  private long[] winners = {};

  /**
   * @param names of all collections of the store
   */
  CollectionScan(String collection, int number, Path file, List<String> names) {
    this.names = names;
    this.collection = collection;
    this.number = number;
    this.file = file;
  }

  /** Reads the whole file and enters its documents. */
  void read(IdTable ids, NedbFile.Position position) throws IOException {
    NedbLine line = new NedbLine(fields);
    try {
      Optional<FileState> before = FileState.attributes(file);
      if (before.isEmpty()) {
        return;
      }
      BackgroundDigest digest = new BackgroundDigest();
      long end =
          NedbFile.read(
              file,
              0,
              digest,
              position,
              (buffer, start, stop, offset, at, complete) -> {
                line.parse(buffer, start, stop);
                enter(line, ids, buffer, start, stop, offset, at, complete);
              });
      state = before.get().with(digest.sha256());
      Optional<FileState> after = FileState.attributes(file);
      if (after.isEmpty() || !after.get().sameAttributes(state) || end != state.size()) {
        problem = "was changed while it was read";
      }
    } catch (AccessDeniedException e) {
      problem = "cannot be read: permission denied";
    }
    oldest = line.oldest();
    newest = line.newest();
  }

  private void enter(
      NedbLine line,
      IdTable ids,
      byte[] buffer,
      int start,
      int stop,
      long offset,
      long at,
      boolean complete) {
    switch (line.kind()) {
      case DOCUMENT -> {
        noteSlashes(line.id());
        boolean breaks = NedbFile.breaksForTheLibrary(buffer, start, stop);
        broken += breaks ? 1 : 0;
        int flags = breaks || line.usesReservedNames() ? REWRITE : 0;
        superseded += put(ids, line.id(), offset << FLAG_BITS | flags);
      }
      case DELETION -> {
        deletions++;
        superseded += put(ids, line.id(), DELETED);
      }
      case INDEX_CREATED -> indexes.put(line.index().fieldName(), line.index());
      case INDEX_REMOVED -> indexes.remove(line.removedIndex());
      case BLANK -> {} // nothing to record
      case UNREADABLE -> {
        // without a readable line before it, the file may not contain documents at all
        boolean torn = !complete && line.isBeginning() && readable;
        unreadableLines++;
        tornLines += torn ? 1 : 0;
        if (torn) {
          tornBytes = stop - start;
        }
        if (unreadable.size() < DocumentAnalysis.EXAMPLES) {
          unreadable.add(
              new UnreadableLine(file.getFileName().toString(), at, line.problem(), torn));
        }
      }
    }
    readable |= line.kind() != NedbLine.Kind.UNREADABLE && line.kind() != NedbLine.Kind.BLANK;
  }

  private void noteSlashes(String id) {
    int slash = id.indexOf('/');
    if (slash > 0 && names.contains(id.substring(0, slash))) {
      int end = slash;
      while (end < id.length() && id.charAt(end) == '/') {
        end++;
      }
      slashes.merge(id.substring(0, slash), end - slash, Math::max);
    }
  }

  /** The largest number of slashes after that collection's name in ids that start with it. */
  int slashesBehind(String name) {
    return slashes.getOrDefault(name, 0);
  }

  /** Records a line for an id; returns 1 when an earlier line for it was a document. */
  private int put(IdTable ids, String id, long value) {
    int place = ids.place(id, number);
    long before = ids.get(place);
    ids.set(place, value);
    return before >= 0 ? 1 : 0;
  }

  static long offset(long winner) {
    return winner >> FLAG_BITS;
  }

  static boolean is(int flag, long winner) {
    return (winner & flag) != 0;
  }

  void winners(long[] sorted) {
    this.winners = sorted;
  }

  /** Offsets of each document's last line, ascending, with flags. */
  long[] winners() {
    return winners;
  }

  String collection() {
    return collection;
  }

  int number() {
    return number;
  }

  Path file() {
    return file;
  }

  boolean present() {
    return state != null || problem != null;
  }

  /** Null when there is no file. */
  FileState state() {
    return state;
  }

  /** Why the file could not be read as a whole; null when it could. */
  String problem() {
    return problem;
  }

  Map<String, NedbIndex> indexes() {
    return indexes;
  }

  boolean mayHave(String field) {
    return winners.length > 0 && fields.mayHave(field);
  }

  List<UnreadableLine> unreadable() {
    return unreadable;
  }

  long unreadableLines() {
    return unreadableLines;
  }

  long tornLines() {
    return tornLines;
  }

  /** Length of the torn line. */
  long tornBytes() {
    return tornBytes;
  }

  long deletions() {
    return deletions;
  }

  long superseded() {
    return superseded;
  }

  /** Number of documents with characters that the library takes for line breaks. */
  long broken() {
    return broken;
  }

  /** {@link Long#MAX_VALUE} when there is no date. */
  long oldest() {
    return oldest;
  }

  /** {@link Long#MIN_VALUE} when there is no date. */
  long newest() {
    return newest;
  }
}
