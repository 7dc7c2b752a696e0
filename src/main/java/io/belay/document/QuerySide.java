package io.belay.document;

import java.util.Locale;

/** Whose files answered. */
public enum QuerySide {
  LEGACY,
  NEW;

  QuerySide other() {
    return this == LEGACY ? NEW : LEGACY;
  }

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
