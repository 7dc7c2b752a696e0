package io.belay.document;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Whose files answered. */
public enum QuerySide {
  LEGACY,
  NEW;

  QuerySide other() {
    return this == LEGACY ? NEW : LEGACY;
  }

  /** Also in JSON. */
  @JsonValue
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
