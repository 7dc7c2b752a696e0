package io.belay.capability.document;

import java.util.List;

/** The store has no such collection. */
public class UnknownCollection extends RuntimeException {
  UnknownCollection(String collection, List<String> known) {
    super("the store has no collection '%s'; it has %s".formatted(collection, known));
  }
}
