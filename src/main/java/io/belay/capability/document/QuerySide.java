package io.belay.capability.document;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The side whose files answered. */
public enum QuerySide {
  LEGACY,
  NEW;

  QuerySide other() {
    return this == LEGACY ? NEW : LEGACY;
  }

  /** The name, also used in JSON. */
  @JsonValue
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
