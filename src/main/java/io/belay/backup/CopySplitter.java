package io.belay.backup;

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
 * first. Rows may end up in another order than before.
 */
final class CopySplitter {

  /** A session that reads SQL. */
  interface Lane {

    /** Waits while the session has enough to do; the bytes are not changed afterwards. */
    void send(byte[] sql) throws IOException;

    /** How many blocks it has not read yet. */
    int waiting();
  }

  private static final int WINDOW = 256 * 1024;
  private static final String END_MARK = "\\.\n";
  private static final byte[] END = END_MARK.getBytes(StandardCharsets.US_ASCII);
  private static final String COPY = "COPY ";
  private static final String FROM_STDIN = " FROM stdin;\n";
  private static final List<String> SETTINGS =
      List.of("SET ", "SELECT pg_catalog.set_config('search_path',");

  private final List<? extends Lane> lanes;
  private final byte[] window = new byte[WINDOW];

  /** What was not dealt out yet: its first byte, and where it ends. */
  private int start;

  private int end;

  /** Whether {@link #start} is the beginning of a line. */
  private boolean atLine = true;

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
   * @throws IOException when it ends among rows, or a lane fails
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
    if (start < end) {
      lanes.get(0).send(take(end));
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

  /** One line of SQL; false when it has not arrived wholly. */
  private boolean line() throws IOException {
    int length = text(window, start, end).indexOf('\n') + 1;
    if (length == 0 && end - start < window.length) {
      return false;
    }
    boolean whole = length > 0 && atLine;
    String line = whole ? text(window, start, start + length) : "";
    byte[] sql = take(length > 0 ? start + length : end);
    atLine = length > 0;
    if (line.startsWith(COPY) && line.endsWith(FROM_STDIN)) {
      copy = sql;
    } else if (SETTINGS.stream().anyMatch(line::startsWith)) {
      for (Lane each : lanes) {
        each.send(sql);
      }
    } else {
      lanes.get(0).send(sql);
    }
    return true;
  }

  /** As many rows as have arrived; false when not even one has, nor the end. */
  private boolean rows() throws IOException {
    // one byte is one character, whatever the encoding: only ASCII is looked for
    String text = text(window, start, end);
    if (atLine && text.startsWith(END_MARK)) {
      start += END.length;
      for (int i = copying.nextSetBit(0); i >= 0; i = copying.nextSetBit(i + 1)) {
        lanes.get(i).send(END);
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
      lanes.get(lane).send(copy);
    }
    atLine = length > 0; // else one row is longer than the window: the lane gets the rest of it too
    lanes.get(lane).send(take(length > 0 ? start + length : end));
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
