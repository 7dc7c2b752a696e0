package io.belay.capability.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts the rows of each table in the SQL that {@code pg_restore --data-only} prints: between
 * {@code COPY … FROM stdin;} and {@code \.} there is exactly one line for each row.
 */
final class CopyCounter {

  private static final byte[] COPY = "COPY ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FROM_STDIN = " FROM stdin;".getBytes(StandardCharsets.US_ASCII);
  private static final int LONGEST_HEADER = 1 << 20;

  private final SortedMap<String, Long> rows = new TreeMap<>();
  private byte[] line = new byte[1024];
  private int length;
  private String table;
  private long count;

  /** Reads all of {@code sql}; returns the rows by quoted, qualified table name. */
  static SortedMap<String, Long> rows(InputStream sql) throws IOException {
    CopyCounter counter = new CopyCounter();
    byte[] chunk = new byte[256 * 1024];
    for (int n = sql.read(chunk); n >= 0; n = sql.read(chunk)) {
      counter.accept(chunk, n);
    }
    if (counter.table != null) {
      throw new IOException("the data of table %s are cut short".formatted(counter.table));
    }
    return counter.rows;
  }

  private void accept(byte[] chunk, int n) {
    int start = 0;
    for (int i = 0; i < n; i++) {
      if (chunk[i] == '\n') {
        keep(chunk, start, i);
        endLine();
        start = i + 1;
      }
    }
    keep(chunk, start, n);
  }

  /** Keeps the start of a line; of data, only enough to recognize the end mark. */
  private void keep(byte[] chunk, int start, int end) {
    int wanted = Math.min(end - start, (table == null ? LONGEST_HEADER : 3) - length);
    if (wanted > 0) {
      if (length + wanted > line.length) {
        line = Arrays.copyOf(line, Math.max(length + wanted, 2 * line.length));
      }
      System.arraycopy(chunk, start, line, length, wanted);
      length += wanted;
    }
  }

  private void endLine() {
    if (table == null) {
      if (startsWith(COPY) && endsWith(FROM_STDIN)) {
        table = tableOf(new String(line, 0, length, StandardCharsets.UTF_8));
        count = 0;
      }
    } else if (length == 2 && line[0] == '\\' && line[1] == '.') {
      rows.merge(table, count, Long::sum);
      table = null;
    } else {
      count++;
    }
    length = 0;
  }

  private boolean startsWith(byte[] text) {
    return length >= text.length && Arrays.equals(line, 0, text.length, text, 0, text.length);
  }

  private boolean endsWith(byte[] text) {
    return length >= text.length
        && Arrays.equals(line, length - text.length, length, text, 0, text.length);
  }

  /** The qualified name between COPY and the column list, which may have blanks inside quotes. */
  private static String tableOf(String header) {
    boolean quoted = false;
    for (int i = COPY.length; i < header.length(); i++) {
      char c = header.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ' ' && !quoted) {
        return header.substring(COPY.length, i);
      }
    }
    return header;
  }
}
