package io.belay.capability.document;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Reads the lines of a NeDB file as ranges of bytes: memory is bounded by the longest line,
 * whatever the size of the file. Only {@code \n}, which the library writes, ends a line.
 */
final class NedbFile {

  private static final int BUFFER = 1 << 20;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;
  private static final long NEWLINES = ONES * '\n';

  /** Receives each line that is not empty. */
  @FunctionalInterface
  interface Lines {

    /**
     * @param buffer valid during the call only
     * @param start first byte of the line
     * @param end after its last byte
     * @param offset of the line in the file
     * @param number of the line, counted from 1 at the start of reading
     * @param complete whether it ends with a line break
     */
    void line(byte[] buffer, int start, int end, long offset, long number, boolean complete)
        throws IOException;
  }

  /** Receives the position of the reading; throws to end it. */
  @FunctionalInterface
  interface Position {
    void reached(long offset) throws IOException;
  }

  private NedbFile() {}

  /**
   * Reads the file from {@code from} to its end.
   *
   * @param digest receives all bytes that are read; may be null
   * @return offset of the end
   */
  static long read(Path file, long from, BackgroundDigest digest, Position position, Lines lines)
      throws IOException {
    return read(file, from, Long.MAX_VALUE, digest, position, lines);
  }

  /**
   * Reads a part of the file.
   *
   * @param to end of a line
   */
  static long read(
      Path file, long from, long to, BackgroundDigest digest, Position position, Lines lines)
      throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      byte[] buffer = new byte[BUFFER];
      int filled = 0; // bytes of an unfinished line
      long at = from;
      long number = 0;
      while (true) {
        if (filled == buffer.length) {
          buffer = Arrays.copyOf(buffer, longer(buffer.length, file));
        }
        int most = (int) Math.min(buffer.length - filled, to - at - filled);
        int read = channel.read(ByteBuffer.wrap(buffer, filled, most), at + filled);
        if (read < 0 || most == 0) {
          break;
        }
        if (digest != null) {
          digest.update(buffer, filled, read);
        }
        int end = filled + read;
        int start = 0;
        int search = filled;
        for (int stop = newline(buffer, search, end);
            stop >= 0;
            stop = newline(buffer, start, end)) {
          number++;
          if (stop > start) {
            lines.line(buffer, start, stop, at + start, number, true);
          }
          start = stop + 1;
        }
        if (digest != null) {
          digest.await();
        }
        System.arraycopy(buffer, start, buffer, 0, end - start);
        filled = end - start;
        at += start;
        position.reached(at + filled);
      }
      if (filled > 0) {
        lines.line(buffer, 0, filled, at, number + 1, false);
      }
      return at + filled;
    }
  }

  private static int longer(int length, Path file) throws IOException {
    if (length > Integer.MAX_VALUE / 2) {
      throw new IOException("%s has a line of more than 1 GiB".formatted(file));
    }
    return length * 2;
  }

  /** The line at an offset; an unterminated line ends with the file. */
  static byte[] line(FileChannel channel, long offset) throws IOException {
    byte[] buffer = new byte[1 << 12];
    int filled = 0;
    while (true) {
      int read =
          channel.read(ByteBuffer.wrap(buffer, filled, buffer.length - filled), offset + filled);
      int end = filled + Math.max(read, 0);
      int stop = newline(buffer, filled, end);
      if (stop >= 0 || read < 0) {
        return Arrays.copyOf(buffer, stop >= 0 ? stop : end);
      }
      filled = end;
      if (filled == buffer.length) {
        buffer = Arrays.copyOf(buffer, buffer.length * 2);
      }
    }
  }

  /**
   * Finds a line break, eight bytes at a time: a byte of the XOR is zero where the byte is a line
   * break.
   */
  private static int newline(byte[] buffer, int from, int to) {
    int i = from;
    for (; i + 8 <= to; i += 8) {
      long difference = (long) LONGS.get(buffer, i) ^ NEWLINES;
      long zeros = (difference - ONES) & ~difference & HIGHS;
      if (zeros != 0) {
        return i + (Long.numberOfTrailingZeros(zeros) >>> 3);
      }
    }
    for (; i < to; i++) {
      if (buffer[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  /**
   * Whether the library would split the line: it takes carriage returns and Unicode's line
   * separators (U+0085, U+2028, U+2029) for line breaks, even within a string.
   */
  static boolean breaksForTheLibrary(byte[] buffer, int start, int end) {
    int i = start;
    while (i < end) {
      if (i + 8 <= end) {
        long word = (long) LONGS.get(buffer, i);
        long low = (word - ONES * 0x20) & ~word & HIGHS;
        if (low == 0 && (word & HIGHS) == 0) {
          i += 8;
          continue;
        }
      }
      if (breaks(buffer, i, end)) {
        return true;
      }
      i++;
    }
    return false;
  }

  private static boolean breaks(byte[] buffer, int i, int end) {
    return switch (buffer[i]) {
      case '\r' -> true;
      case (byte) 0xC2 -> i + 1 < end && buffer[i + 1] == (byte) 0x85;
      case (byte) 0xE2 ->
          i + 2 < end
              && buffer[i + 1] == (byte) 0x80
              && (buffer[i + 2] == (byte) 0xA8 || buffer[i + 2] == (byte) 0xA9);
      default -> false;
    };
  }
}
