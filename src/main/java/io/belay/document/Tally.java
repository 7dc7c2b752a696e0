package io.belay.document;

import java.util.ArrayList;
import java.util.List;

/** How many of something there are, and some of them as examples. */
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

  /** One that is counted elsewhere, or later. */
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
