package io.belay.capability.contract;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * One way in which a new answer differs from the old one.
 *
 * @param path JSON pointer into the body, empty for the whole of it; or {@code status}; or {@code
 *     header} and its name
 * @param baseline what the old answer has there, shortened and without secrets; empty for nothing
 * @param candidate what the new one has there
 */
record Difference(Kind kind, String path, String baseline, String candidate) {

  /** What differs. */
  enum Kind {
    STATUS("%2$s instead of %1$s"),
    /** Absent from the new answer. */
    MISSING("is missing"),
    /** Absent from the old answer: clients that do not know it leave it alone. */
    EXTRA("is new"),
    /** Of another JSON type. */
    TYPE("is %2$s instead of %1$s"),
    VALUE("has another value"),
    /** An array of another length. */
    LENGTH("has %2$s instead of %1$s"),
    /** JSON became something else, or the reverse. */
    FORMAT("is %2$s instead of %1$s"),
    /** A key that the object has twice, which each client reads in its own way. */
    TWICE("is there twice");

    private final String sentence;

    Kind(String sentence) {
      this.sentence = sentence;
    }
  }

  /** Whether a client of the old version may fail on it. */
  @JsonProperty
  boolean breaking() {
    return kind != Kind.EXTRA;
  }

  /** For people; without values. */
  String describe() {
    String where = path.isEmpty() ? "the body" : path;
    return where + " " + kind.sentence.formatted(baseline, candidate);
  }
}
