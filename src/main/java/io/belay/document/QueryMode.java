package io.belay.document;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Which files answer queries. */
public enum QueryMode {
  /** The legacy files alone. */
  LEGACY,
  /** One side first, and the other where that has no answer. */
  HYBRID,
  /** The new files alone. */
  NEW;

  /** As the guide writes it; also in JSON. */
  @JsonValue
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
