package io.belay.journal;

import org.springframework.lang.Nullable;

/** Text of somebody's as one line, which can forge no second one in a journal or log. */
public final class OneLine {

  private OneLine() {}

  /** The text with a space for all control characters and line ends in a row; tabs stay. */
  @Nullable
  public static String of(@Nullable String text) {
    return text == null ? null : text.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}&&[^\\t]]+", " ");
  }
}
