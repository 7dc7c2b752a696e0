package io.belay.face.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/**
 * Writes a run to the terminal: one line per event and, if the terminal supports it, a progress bar
 * at the bottom. Elsewhere (a pipe, a CI log) plain lines only.
 */
final class Display {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("d MMM yyyy HH:mm:ss z", Locale.ENGLISH);

  private static final int BAR = 24;
  private static final Map<String, String> COLOURS =
      Map.of("good", "32", "bad", "31", "wait", "33", "back", "35", "strong", "1", "quiet", "2");

  private final PrintStream out;
  private final boolean terminal;
  private boolean barShown;
  private boolean ended;
  private String lastPlain = "";

  Display(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /**
   * Writes a line without control characters, so that text from others cannot control the terminal.
   */
  synchronized void line(String tone, String format, Object... arguments) {
    if (!ended) {
      last(tone, format, arguments);
    }
  }

  /** From now on only {@link #last} writes: the last question must not scroll away. */
  synchronized void end() {
    ended = true;
  }

  synchronized void last(String tone, String format, Object... arguments) {
    clearBar();
    String text =
        (arguments.length == 0 ? format : format.formatted(arguments))
            .replaceAll("[\\p{Cntrl}&&[^\\n]]", " ");
    out.println(painted(tone, text));
    out.flush();
  }

  /** Shows the progress bar of the first running step, and how many more run. */
  synchronized void working(JsonNode steps) {
    clearBar();
    if (steps.isEmpty() || ended) {
      return;
    }
    JsonNode step = steps.get(0);
    long done = step.path("done").asLong();
    long total = step.path("total").asLong();
    String name = step.path("step").asText();
    String message = step.path("message").asText("").replaceAll("\\p{Cntrl}", " ");
    if (terminal) {
      String more = steps.size() > 1 ? "  +%d more".formatted(steps.size() - 1) : "";
      String text =
          "    %s %s  %s%s"
              .formatted(
                  name,
                  bar(done, total),
                  message.length() > 40 ? message.substring(0, 40) + "…" : message,
                  more);
      out.print(painted("quiet", text));
      out.flush();
      barShown = true;
    } else if (total > 0) {
      String tenth = name + " " + 10 * (10 * done / total) + " %";
      if (!tenth.equals(lastPlain)) {
        lastPlain = tenth;
        out.println("    " + tenth);
        out.flush();
      }
    }
  }

  /** Shows a question at the prompt. */
  synchronized void prompt(String text) {
    if (ended) {
      return;
    }
    clearBar();
    out.print(painted("wait", text));
    out.flush();
  }

  private static String bar(long done, long total) {
    if (total <= 0) {
      return done > 0 ? Long.toString(done) : "…";
    }
    int filled = (int) Math.min(BAR, BAR * done / total);
    return "█".repeat(filled)
        + "░".repeat(BAR - filled)
        + " %3d %%".formatted(Math.min(100, 100 * done / total));
  }

  private void clearBar() {
    if (barShown) {
      out.print("\r\033[2K");
      barShown = false;
    }
  }

  private String painted(String tone, String text) {
    String colour = terminal ? COLOURS.get(tone) : null;
    return colour == null ? text : "\033[" + colour + "m" + text + "\033[0m";
  }

  /** A time from the REST interface, in the machine's time zone, with the zone's name. */
  static String time(String instant) {
    return TIME.format(Instant.parse(instant).atZone(ZoneId.systemDefault()));
  }
}
