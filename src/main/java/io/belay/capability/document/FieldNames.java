package io.belay.capability.document;

import java.util.HashSet;
import java.util.Set;

/**
 * The names of all fields that the documents of a collection have. Documents of a collection mostly
 * look alike, so a name is first compared with that at the same place in the previous document.
 */
final class FieldNames {

  /** Beyond this, the names are data rather than fields, and are not recorded. */
  private static final int MOST = 2_000;

  private static final int REMEMBERED = 64;

  private final Set<String> all = new HashSet<>();
  private final String[] before = new String[REMEMBERED];
  private int place;
  private boolean tooMany;

  void begin() {
    place = 0;
  }

  @SuppressWarnings("StringEquality") // the parser interns names; a miss only costs time
  void seen(String name) {
    if (place < REMEMBERED) {
      if (before[place] == name) {
        place++;
        return;
      }
      before[place++] = name;
    }
    if (!tooMany) {
      all.add(name);
      tooMany = all.size() > MOST;
    }
  }

  /** Whether a document may have the field. */
  boolean mayHave(String name) {
    return tooMany || all.contains(name);
  }
}
