package io.belay.target;

import java.util.Objects;

/**
 * A value that must never be shown. {@link #toString()} prints a mask, so that a secret that slips
 * into a log line, a journal entry or an error does no harm; {@link #reveal()} is only for handing
 * it to a driver or a child process.
 */
public final class Secret {

  public static final String MASK = "******";
  private static final Secret EMPTY = new Secret("");

  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  /** Wraps {@code value}; null counts as empty. */
  public static Secret of(String value) {
    return value == null || value.isEmpty() ? EMPTY : new Secret(value);
  }

  public static Secret none() {
    return EMPTY;
  }

  public String reveal() {
    return value;
  }

  public boolean isPresent() {
    return !value.isEmpty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && secret.value.equals(value);
  }

  @Override
  public int hashCode() {
    return Objects.hash(value);
  }

  @Override
  public String toString() {
    return isPresent() ? MASK : "";
  }
}
