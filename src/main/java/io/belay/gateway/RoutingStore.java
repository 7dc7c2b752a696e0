package io.belay.gateway;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.file.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Holds the routing table and keeps it on disk. A change is on disk (written aside, flushed,
 * renamed) before a request can see it, so a killed gateway comes back with the table that it last
 * used or acknowledged. If the table on disk cannot be read or does not fit the backends, the
 * gateway does not start, rather than guess routes.
 */
final class RoutingStore {

  /** The table has changed since the writer read it, or the writer's fencing number is too low. */
  static final class Conflict extends Exception {
    Conflict(String message) {
      super(message);
    }
  }

  /** The table is invalid; the old one stays. */
  static final class Invalid extends Exception {
    Invalid(List<String> mistakes) {
      super(String.join("; ", mistakes));
    }
  }

  /** Strict: an absent weight is not 0, and an absent list of drained servers is not empty. */
  private final JsonMapper json =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  private final Path file;
  private final Map<String, List<BackendServer>> backends;
  private final boolean sticky;
  private volatile RoutingTable current;
  private volatile Consumer<RoutingTable> listener = table -> {};

  private RoutingStore(Path file, Map<String, List<BackendServer>> backends, boolean sticky) {
    this.sticky = sticky;
    this.file = file;
    this.backends = backends;
  }

  /** Reads the table from {@code file}; writes {@code initial} there when there is none. */
  static RoutingStore open(
      Path file, Map<String, List<BackendServer>> backends, boolean sticky, RoutingTable initial)
      throws IOException, Invalid {
    RoutingStore store = new RoutingStore(file.toAbsolutePath(), backends, sticky);
    boolean known = Files.exists(store.file);
    RoutingTable table = initial;
    if (known) {
      try {
        table = store.read();
      } catch (IOException e) {
        throw new IOException(
            ("the routes in %s cannot be read: %s. The gateway does not start, so that it does not"
                    + " route by guess. Repair the file, or delete it to begin with the"
                    + " configured routes")
                .formatted(store.file, e.getMessage()),
            e);
      }
    }
    store.check(table);
    if (!known) {
      PrivateFiles.directories(store.file.getParent());
      store.persist(table);
    }
    store.current = table;
    return store;
  }

  /** Reads the table. A route without {@code atZero} cuts. */
  private RoutingTable read() throws IOException {
    JsonNode table = json.readTree(file.toFile());
    for (JsonNode route : table.path("routes")) {
      if (route instanceof ObjectNode fields && !fields.has("atZero")) {
        fields.put("atZero", "cut");
      }
    }
    if (!table.isObject()) {
      throw new IOException("it holds no routing table");
    }
    return json.treeToValue(table, RoutingTable.class);
  }

  /** Registers a listener for each new table in force. */
  void onChange(Consumer<RoutingTable> told) {
    listener = told;
  }

  RoutingTable current() {
    return current;
  }

  /**
   * Replaces the table by the result of {@code change}. A change without effect writes nothing and
   * keeps the version.
   *
   * @param expectedVersion refuses when the table has another version; null means any
   * @param fence fencing number of the writer; 0 means none
   */
  synchronized RoutingTable change(
      Long expectedVersion, long fence, UnaryOperator<RoutingTable> change)
      throws Conflict, Invalid, IOException {
    RoutingTable before = current;
    if (expectedVersion != null && expectedVersion != before.version()) {
      throw new Conflict(
          "the routes are at version %d, not %d; nothing was changed. Read them again"
              .formatted(before.version(), expectedVersion));
    }
    if (fence > 0 && fence < before.fence()) {
      throw new Conflict(
          ("a writer with fencing number %d came after number %d; nothing was changed. The older"
                  + " run's lease is over")
              .formatted(before.fence(), fence));
    }
    RoutingTable wanted = change.apply(before);
    RoutingTable next =
        new RoutingTable(
            before.version() + 1,
            Math.max(before.fence(), fence),
            wanted.routes(),
            wanted.drained());
    check(next);
    boolean same =
        next.routes().equals(before.routes())
            && next.drained().equals(before.drained())
            && next.fence() == before.fence();
    if (same) {
      return before;
    }
    persist(next);
    current = next;
    listener.accept(next);
    return next;
  }

  private void check(RoutingTable table) throws Invalid {
    List<String> mistakes = table.mistakes(backends, sticky);
    if (!mistakes.isEmpty()) {
      throw new Invalid(mistakes);
    }
  }

  private void persist(RoutingTable table) throws IOException {
    Path aside = file.resolveSibling(file.getFileName() + ".new");
    PrivateFiles.write(aside, json.writerWithDefaultPrettyPrinter().writeValueAsBytes(table));
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    PrivateFiles.flush(file.getParent());
  }
}
