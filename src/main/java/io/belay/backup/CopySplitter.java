package io.belay.backup;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Deals the SQL that {@code pg_restore --section=data} prints out to several sessions, so that all
 * of them fill a table at once, however few tables there are: each gets blocks of whole rows in a
 * {@code COPY} of its own. Settings go to all sessions; all else (sequences, large objects) to the
 * first, statement by statement. Rows may end up in another order than before.
 */
final class CopySplitter {

  /** A session. Each call may wait while the session has enough to do. */
  interface Lane {

    /** Runs one statement, in the encoding of the script. */
    void execute(byte[] statement) throws IOException;

    /** Begins a {@code COPY … FROM stdin}. */
    void copy(byte[] statement) throws IOException;

    /** Rows of it; the bytes are not changed afterwards. */
    void rows(byte[] block) throws IOException;

    /** No more of them. */
    void endCopy() throws IOException;

    /** How many blocks it has not read yet. */
    int waiting();
  }

  private static final int WINDOW = 256 * 1024;
  private static final String END_MARK = "\\.\n";
  private static final String COPY = "COPY ";
  private static final String FROM_STDIN = " FROM stdin;\n";
  private static final List<String> SETTINGS =
      List.of("SET ", "SELECT pg_catalog.set_config('search_path',");

  /** What stands between statements: nothing, remarks, and what only psql understands. */
  private static final List<String> NO_SQL = List.of("\n", "--", "\\restrict ", "\\unrestrict ");

  private final List<? extends Lane> lanes;
  private final byte[] window = new byte[WINDOW];

  /** What was not dealt out yet: its first byte, and where it ends. */
  private int start;

  private int end;

  /** Whether {@link #start} is the beginning of a line. */
  private boolean atLine = true;

  /** As much of a statement as was read, and the quote that is open at its end, or 0. */
  private final ByteArrayOutputStream statement = new ByteArrayOutputStream();

  private byte quote;

  /** The statement whose rows are read; null outside of one. */
  private byte[] copy;

  /** Lanes that are inside that statement. */
  private final BitSet copying = new BitSet();

  private int lane;

  private CopySplitter(List<? extends Lane> lanes) {
    this.lanes = lanes;
  }

  /**
   * Reads all of {@code sql}.
   *
   * @throws IOException when it ends among rows or inside a statement, or a lane fails
   */
  static void split(InputStream sql, List<? extends Lane> lanes) throws IOException {
    new CopySplitter(lanes).split(sql);
  }

  private void split(InputStream sql) throws IOException {
    while (fill(sql)) {
      boolean moved = true;
      while (moved && start < end) {
        moved = copy == null ? line() : rows();
      }
    }
    if (copy != null) {
      throw new IOException("the rows of %s are cut short".formatted(text(copy, 0, copy.length)));
    }
    if (start < end || statement.size() > 0) {
      throw new IOException("the script is cut short");
    }
  }

  /** Whether there was more to read. */
  private boolean fill(InputStream sql) throws IOException {
    System.arraycopy(window, start, window, 0, end - start);
    end -= start;
    start = 0;
    int n = sql.readNBytes(window, end, window.length - end);
    end += n;
    return n > 0;
  }

  /** One line outside of rows; false when it has not arrived wholly. */
  private boolean line() throws IOException {
    int length = text(window, start, end).indexOf('\n') + 1;
    if (length == 0 && end - start < window.length) {
      return false;
    }
    byte[] line = take(length > 0 ? start + length : end);
    if (statement.size() == 0 && atLine && isNoSql(line)) {
      atLine = length > 0;
      return true;
    }
    atLine = length > 0;
    statement.write(line);
    openQuote(line);
    if (atLine && quote == 0 && text(line, 0, line.length).endsWith(";\n")) {
      byte[] whole = statement.toByteArray();
      statement.reset();
      deal(whole);
    }
    return true;
  }

  private static boolean isNoSql(byte[] line) {
    String text = text(line, 0, Math.min(line.length, 16));
    return NO_SQL.stream().anyMatch(text::startsWith);
  }

  /**
   * Names and texts may hold line ends. Doubled quotes inside of them close and open them again.
   */
  private void openQuote(byte[] line) {
    for (byte c : line) {
      if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
      } else if (c == quote) {
        quote = 0;
      }
    }
  }

  private void deal(byte[] sql) throws IOException {
    String text = text(sql, 0, sql.length);
    if (text.startsWith(COPY) && text.endsWith(FROM_STDIN)) {
      copy = sql;
    } else if (SETTINGS.stream().anyMatch(text::startsWith)) {
      for (Lane each : lanes) {
        each.execute(sql);
      }
    } else {
      lanes.get(0).execute(sql);
    }
  }

  /** As many rows as have arrived; false when not even one has, nor the end. */
  private boolean rows() throws IOException {
    // one byte is one character, whatever the encoding: only ASCII is looked for
    String text = text(window, start, end);
    if (atLine && text.startsWith(END_MARK)) {
      start += END_MARK.length();
      for (int i = copying.nextSetBit(0); i >= 0; i = copying.nextSetBit(i + 1)) {
        lanes.get(i).endCopy();
      }
      copying.clear();
      copy = null;
      return true;
    }
    int mark = text.indexOf("\n" + END_MARK);
    int length = (mark >= 0 ? mark : text.lastIndexOf('\n')) + 1;
    if (length == 0 && end - start < window.length) {
      return false;
    }
    if (atLine) {
      lane = idlest();
    }
    if (!copying.get(lane)) {
      copying.set(lane);
      lanes.get(lane).copy(copy);
    }
    atLine = length > 0; // else one row is longer than the window: the lane gets the rest of it too
    lanes.get(lane).rows(take(length > 0 ? start + length : end));
    return true;
  }

  private int idlest() {
    int idlest = 0;
    for (int i = 1; i < lanes.size(); i++) {
      if (lanes.get(i).waiting() < lanes.get(idlest).waiting()) {
        idlest = i;
      }
    }
    return idlest;
  }

  private byte[] take(int until) {
    byte[] taken = Arrays.copyOfRange(window, start, until);
    start = until;
    return taken;
  }

  private static String text(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }
}
