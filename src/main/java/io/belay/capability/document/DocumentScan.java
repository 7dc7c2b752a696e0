package io.belay.capability.document;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.capability.document.query.Deadline;
import io.belay.capability.document.query.Find;
import io.belay.capability.document.query.InvalidQuery;
import io.belay.capability.document.query.JavaScript;
import io.belay.capability.document.query.Page;
import io.belay.capability.document.query.Query;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Answers queries from one file: by {@code _id} if the query contains it, else document by
 * document.
 */
final class DocumentScan {

  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9]\\d{0,30})(\\.\\d{1,30})?([eE][+-]?\\d{1,3})?");

  /** Limit for one answer, in bytes. */
  static final long LARGEST_ANSWER = 32L << 20;

  private static final int BUFFER = 1 << 18;

  private final DocumentIndex index;
  private final String collection;
  private final Deadline deadline;

  DocumentScan(DocumentIndex index, String collection, Deadline deadline) {
    this.index = index;
    this.collection = collection;
    this.deadline = deadline;
  }

  /** Receives each matching document. */
  private interface Matches {
    void match(ObjectNode document, long place) throws IOException;
  }

  /**
   * Finds a document by id. A number may be written in any way: {@code 1e21} finds 1e+21, the
   * library's key.
   */
  Optional<ObjectNode> byId(String id) throws IOException {
    Optional<Long> place = index.place(collection, id);
    if (place.isEmpty() && NUMBER.matcher(id).matches()) {
      String key = JavaScript.truthy(id);
      place = key == null ? place : index.place(collection, key);
    }
    return place.isEmpty() ? Optional.empty() : Optional.of(index.read(place.get()));
  }

  /**
   * @param wanted whether a matching document counts
   */
  List<ObjectNode> find(Find find, Predicate<ObjectNode> wanted) throws IOException {
    Page page = new Page(find);
    each(find.query(), wanted, page::add);
    List<ObjectNode> found = new ArrayList<>();
    long bytes = 0;
    for (long place : page.places()) {
      byte[] line = NedbFile.line(index.channel(), place);
      bytes += line.length;
      if (bytes > LARGEST_ANSWER) {
        throw new InvalidQuery(
            "limit",
            "the answer would have more than %d MiB: ask for fewer documents"
                .formatted(LARGEST_ANSWER >> 20));
      }
      found.add(find.projection().apply(index.document(line)));
    }
    return found;
  }

  long count(Query query, Predicate<ObjectNode> wanted) throws IOException {
    long[] count = new long[1];
    each(query, wanted, (document, place) -> count[0]++);
    return count[0];
  }

  private void each(Query query, Predicate<ObjectNode> wanted, Matches matches) throws IOException {
    if (query.ids().isPresent()) {
      for (String id : query.ids().get()) {
        Optional<Long> place = index.place(collection, id);
        if (place.isPresent()) {
          match(query, wanted, index.read(place.get()), place.get(), matches);
        }
      }
      return;
    }
    Window window = new Window();
    for (long place : index.places(collection)) {
      match(query, wanted, index.document(window.line(place)), place, matches);
    }
  }

  private void match(
      Query query, Predicate<ObjectNode> wanted, ObjectNode document, long place, Matches matches)
      throws IOException {
    deadline.check();
    if (query.matches(document, deadline) && wanted.test(document)) {
      matches.match(document, place);
    }
  }

  /** Reads the file in large pieces, since places ascend. */
  private final class Window {

    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    private long start;
    private int length;

    byte[] line(long place) throws IOException {
      if (place < start || place >= start + length) {
        fill(place);
      }
      int from = (int) (place - start);
      int end = end(from);
      if (end < 0) {
        fill(place);
        from = 0;
        end = end(0);
      }
      if (end < 0) {
        return NedbFile.line(index.channel(), place); // longer than the window, or the last one
      }
      byte[] line = new byte[end - from];
      System.arraycopy(buffer.array(), from, line, 0, line.length);
      return line;
    }

    private int end(int from) {
      byte[] bytes = buffer.array();
      for (int i = from; i < length; i++) {
        if (bytes[i] == '\n') {
          return i;
        }
      }
      return -1;
    }

    private void fill(long place) throws IOException {
      buffer.clear();
      start = place;
      length = 0;
      while (buffer.hasRemaining()) {
        int read = index.channel().read(buffer, start + buffer.position());
        if (read < 0) {
          break;
        }
      }
      length = buffer.position();
    }
  }
}
