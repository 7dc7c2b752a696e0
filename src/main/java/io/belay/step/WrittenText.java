package io.belay.step;

import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A value that a person writes as text. It is its text to JSON and to people, and equals another of
 * its class with the same text.
 */
public abstract class WrittenText {

  private final String text;

  protected WrittenText(String text) {
    this.text = text;
  }

  @JsonValue
  public final String text() {
    return text;
  }

  @Override
  public final boolean equals(Object other) {
    return other != null
        && other.getClass() == getClass()
        && ((WrittenText) other).text.equals(text);
  }

  @Override
  public final int hashCode() {
    return text.hashCode();
  }

  @Override
  public final String toString() {
    return text;
  }
}
