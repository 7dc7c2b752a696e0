package io.belay.capability.document;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Which files answer queries. */
public enum QueryMode {
  /** The legacy files alone. */
  LEGACY,
  /** One side first, the other if the first has no answer. */
  HYBRID,
  /** The new files alone. */
  NEW;

  /** The guide's spelling, also used in JSON. */
  @JsonValue
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
