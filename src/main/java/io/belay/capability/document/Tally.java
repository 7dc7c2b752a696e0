package io.belay.capability.document;

import java.util.ArrayList;
import java.util.List;

/** A count with some examples. */
final class Tally {

  private static final int EXAMPLES = 20;

  private final List<String> examples = new ArrayList<>();
  private long count;

  void add(String example) {
    count++;
    example(example);
  }

  void add() {
    count++;
  }

  /** Adds an example without counting it; it is counted elsewhere or later. */
  void example(String example) {
    if (!isFull() && !examples.contains(example)) {
      examples.add(example);
    }
  }

  boolean isFull() {
    return examples.size() >= EXAMPLES;
  }

  long count() {
    return count;
  }

  List<String> examples() {
    return examples;
  }
}
