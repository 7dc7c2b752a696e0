package io.belay.capability.document;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.capability.document.DocumentIndex.Knowledge;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The two sides of a store, and what one of them knows that the other does not. */
final class BothSides {

  private final Map<QuerySide, StoreSide> sides = new EnumMap<>(QuerySide.class);
  private final TakenOver takenOver;

  BothSides(DocumentStoreTarget target) {
    takenOver = new TakenOver(target);
    for (QuerySide side : QuerySide.values()) {
      sides.put(side, new StoreSide(target, side));
    }
  }

  StoreSide get(QuerySide side) {
    return sides.get(side);
  }

  /** Whether that side has or had the collection; an unreadable side counts as having it. */
  boolean haveData(QuerySide side, String collection) {
    try {
      return sides.get(side).knows(collection) || takenOver.has(side, collection);
    } catch (IOException | RuntimeException unreadable) {
      return true; // an unreadable file must show as an error
    }
  }

  /** Accepts documents of the other side that this side does not have and never had. */
  Predicate<ObjectNode> unknownTo(QuerySide side, String collection) {
    return document -> {
      String id = document.get("_id").asText();
      try {
        return sides.get(side).read(collection, index -> index.knowledge(collection, id))
                == Knowledge.UNKNOWN
            && !wasDeleted(side, collection, id);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  /**
   * Whether the side once had a document of which it has no trace. False if its file has unreadable
   * lines, which may still contain it.
   */
  private boolean wasDeleted(QuerySide side, String collection, String id) throws IOException {
    if (sides.get(side).read(collection, DocumentIndex::unreadable) > 0) {
      return false;
    }
    QuerySide other = side.other();
    return sides
        .get(other)
        .read(
            collection,
            index -> {
              Optional<Long> place = index.place(collection, id);
              return place.isPresent() && takenOver.has(other, collection, index, place.get());
            });
  }
}
