package io.belay.engine.law;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/** Formats figures for people. */
public final class Figures {

  private Figures() {}

  /** Two units at most: {@code 1 d 3 h}, {@code 4 min 5 s}, {@code 0.4 s}; empty for null. */
  public static String duration(Duration duration) {
    if (duration == null) {
      return "";
    }
    if (duration.isNegative()) {
      return "0 s"; // the clock was set back meanwhile
    }
    if (duration.toMillis() < 9_950) {
      return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0).replace(".0 ", " ");
    }
    long seconds = duration.toSeconds();
    long[] sizes = {86_400, 3_600, 60, 1};
    String[] units = {"d", "h", "min", "s"};
    StringJoiner text = new StringJoiner(" ");
    for (int unit = 0, told = 0; unit < sizes.length && told < 2; unit++) {
      if (seconds >= sizes[unit]) {
        text.add(seconds / sizes[unit] + " " + units[unit]);
        seconds %= sizes[unit];
        told++;
      } else if (told > 0) {
        break;
      }
    }
    return text.toString();
  }

  /** {@code 4.2 MB}. */
  public static String bytes(long size) {
    if (size < 1000) {
      return size + " B";
    }
    double value = size;
    String unit = "B";
    for (String larger : List.of("kB", "MB", "GB", "TB")) {
      if (value < 1000) {
        break;
      }
      value /= 1000;
      unit = larger;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, unit);
  }

  /** Fractions with four significant digits; other values unchanged; a dash for null. */
  public static String number(Object value) {
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      return number == Math.rint(number) && Math.abs(number) < 1e9
          ? Long.toString((long) number)
          : String.format(Locale.ROOT, "%.4g", number);
    }
    return value == null ? "–" : value.toString();
  }
}
