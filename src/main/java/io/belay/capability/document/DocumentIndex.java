package io.belay.capability.document;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The place of each live document in a NeDB file: 24 bytes per place, without the document itself.
 * The file may grow meanwhile (then only the new part is read) or be replaced (then all of it is).
 *
 * <p>Identifies the documents of a new file by their collection and their {@code _id} in its legacy
 * file; see {@link MigratedDocument}.
 */
final class DocumentIndex implements Closeable {

  /** What a file knows about an id. */
  enum Knowledge {
    UNKNOWN,
    DELETED,
    ALIVE
  }

  /** The file was overwritten while it was read; retry. */
  static final class Overwritten extends IOException {
    Overwritten(Path file) {
      super(file + " was overwritten while it was read");
    }
  }

  private static final int OFFSET_BITS = 47;
  private static final long OFFSET = (1L << OFFSET_BITS) - 1;
  private static final long DELETED_OF_NOBODY = -1;

  private final FollowedFile file;
  private final String only;
  private final NedbLine line = new NedbLine();
  private final IdTable byKey = new IdTable();
  private final IdTable displaced = new IdTable();
  private final List<String> collections = new ArrayList<>();
  private final List<long[]> tallies = new ArrayList<>();
  private long lines;
  private long unreadable;
  private long untagged;

  private DocumentIndex(FollowedFile file, String only) {
    this.file = file;
    this.only = only;
  }

  /**
   * @param only the collection of a legacy file; null for a new file
   * @throws java.nio.file.NoSuchFileException when there is none
   */
  static DocumentIndex open(Path file, String only) throws IOException {
    DocumentIndex index = new DocumentIndex(new FollowedFile(file), only);
    try {
      if (!index.refresh()) {
        throw new Overwritten(file);
      }
      return index;
    } catch (IOException | RuntimeException e) {
      index.close();
      throw e;
    }
  }

  /**
   * Reads what was appended.
   *
   * @return false when the file was replaced, so that this index is useless
   */
  synchronized boolean refresh() throws IOException {
    return file.catchUp(this::take);
  }

  private void take(byte[] buffer, int start, int end, long offset, long number, boolean complete) {
    line.parse(buffer, start, end);
    lines += complete ? 1 : 0;
    switch (line.kind()) {
      case DOCUMENT -> put(offset);
      case DELETION -> delete();
      case UNREADABLE -> unreadable += complete || !line.isBeginning() ? 1 : 0;
      default -> {
        // the library's own indexes
      }
    }
  }

  private void put(long offset) {
    String name = only == null ? line.collection() : only;
    if (name == null) {
      untagged++;
      delete();
      return;
    }
    int place = byKey.place(line.id(), 0);
    forget(byKey.get(place));
    int collection = number(name);
    byKey.set(place, ((long) collection << OFFSET_BITS) | offset);
    tallies.get(collection)[0]++;
    if (only == null && !line.originalId().equals(line.id())) {
      displaced.set(displaced.place(line.originalId(), collection), offset);
    }
  }

  private void delete() {
    int place = byKey.place(line.id(), 0);
    long before = byKey.get(place);
    forget(before);
    byKey.set(place, before >= 0 ? -2 - (before >>> OFFSET_BITS) : DELETED_OF_NOBODY);
  }

  private void forget(long value) {
    if (value >= 0) {
      tallies.get((int) (value >>> OFFSET_BITS))[0]--;
    }
  }

  private int number(String collection) {
    int number = collections.indexOf(collection);
    if (number < 0) {
      collections.add(collection);
      tallies.add(new long[1]);
      number = collections.size() - 1;
      if (number >= Short.MAX_VALUE) {
        throw new IllegalStateException(file.path() + " has more than 32767 collections");
      }
    }
    return number;
  }

  // ------------------------------------------------------------------ contents

  /** Whether the file has or had documents of that collection. */
  synchronized boolean knows(String collection) {
    return collections.contains(collection);
  }

  synchronized long count(String collection) {
    int number = collections.indexOf(collection);
    return number < 0 ? 0 : tallies.get(number)[0];
  }

  synchronized long count() {
    return tallies.stream().mapToLong(tally -> tally[0]).sum();
  }

  /** Number of unreadable lines. */
  synchronized long unreadable() {
    return unreadable;
  }

  /** Number of documents of a new file that do not name their collection. */
  synchronized long untagged() {
    return untagged;
  }

  /** Whether the library would refuse to load the file, because a tenth of it is unreadable. */
  synchronized boolean isCorrupt() {
    return unreadable * 10 > lines;
  }

  /** The places of that collection's documents, ascending. */
  synchronized long[] places(String collection) {
    int number = collections.indexOf(collection);
    if (number < 0) {
      return new long[0];
    }
    long[] places = new long[(int) Math.min(Integer.MAX_VALUE - 8, tallies.get(number)[0])];
    int count = 0;
    for (int i = 0; i < byKey.places(); i++) {
      if (byKey.owner(i) >= 0 && byKey.get(i) >= 0 && byKey.get(i) >>> OFFSET_BITS == number) {
        places[count++] = byKey.get(i) & OFFSET;
      }
    }
    Arrays.sort(places);
    return places;
  }

  /** The place of the document that has, or had before it was migrated, that {@code _id}. */
  synchronized Optional<Long> place(String collection, String id) throws IOException {
    int number = collections.indexOf(collection);
    if (number < 0) {
      return Optional.empty();
    }
    long value = byKey.value(id, 0);
    if (value >= 0 && value >>> OFFSET_BITS == number && isOriginally(id, value & OFFSET)) {
      return Optional.of(value & OFFSET);
    }
    long moved = displaced.value(id, number);
    if (moved < 0) {
      return Optional.empty();
    }
    parse(moved);
    return byKey.value(line.id(), 0) == (((long) number << OFFSET_BITS) | moved)
        ? Optional.of(moved)
        : Optional.empty();
  }

  /**
   * Compares the original id, since one collection's id may look like one generated for another.
   */
  private boolean isOriginally(String id, long offset) throws IOException {
    if (only != null) {
      return true;
    }
    parse(offset);
    return line.originalId().equals(id);
  }

  synchronized Knowledge knowledge(String collection, String id) throws IOException {
    if (place(collection, id).isPresent()) {
      return Knowledge.ALIVE;
    }
    int number = collections.indexOf(collection);
    boolean deleted =
        number >= 0 && (byKey.value(id, 0) == -2 - number || displaced.value(id, number) >= 0);
    return deleted ? Knowledge.DELETED : Knowledge.UNKNOWN;
  }

  private void parse(long offset) throws IOException {
    byte[] bytes = NedbFile.line(file.channel(), offset);
    line.parse(bytes, 0, bytes.length);
    if (line.kind() != NedbLine.Kind.DOCUMENT) {
      throw new Overwritten(file.path());
    }
  }

  // ------------------------------------------------------------------ documents

  /**
   * The document at that place, as it was in its legacy file. Needs no lock, since files only grow.
   *
   * @throws Overwritten when there is no longer a document
   */
  ObjectNode read(long place) throws IOException {
    return document(NedbFile.line(file.channel(), place));
  }

  ObjectNode document(byte[] bytes) throws IOException {
    try {
      if (Json.MAPPER.readTree(bytes) instanceof ObjectNode document && document.has("_id")) {
        return only == null ? MigratedDocument.original(document) : document;
      }
    } catch (com.fasterxml.jackson.core.JacksonException changed) {
      throw new Overwritten(file.path());
    }
    throw new Overwritten(file.path());
  }

  Path file() {
    return file.path();
  }

  /** Device and inode. */
  String key() {
    return file.key();
  }

  FileChannel channel() {
    return file.channel();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
