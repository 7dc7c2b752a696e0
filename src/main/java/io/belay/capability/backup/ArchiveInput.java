package io.belay.capability.backup;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Reads numbers, texts and data of pg_dump's archives, one after the other. */
final class ArchiveInput {

  /** Receives a part of the data; the bytes are valid during the call only. */
  interface Part {
    void take(byte[] bytes, int from, int length) throws IOException;
  }

  /**
   * Limit for a text in a table of contents, in bytes, so that a damaged one does not fill the
   * memory.
   */
  private static final int LONGEST_TEXT = 64 << 20;

  private final InputStream in;
  private final byte[] buffer = new byte[256 << 10];
  private int next;
  private int end;
  private int intSize;

  /** All that was in the buffer so far; null once nothing is kept. */
  private ByteArrayOutputStream keeping = new ByteArrayOutputStream();

  ArchiveInput(InputStream in) {
    this.in = in;
  }

  /** Sets the size of each number from now on. */
  void numbersOf(int bytes) {
    intSize = bytes;
  }

  /** How many kept bytes were read. */
  int kept() {
    return keeping.size() - (end - next);
  }

  /** Returns all that was read, and stops keeping it. */
  byte[] endKeeping() {
    byte[] kept = Arrays.copyOf(keeping.toByteArray(), kept());
    keeping = null;
    return kept;
  }

  boolean hasMore() throws IOException {
    return next < end || fill();
  }

  /** Reads a text, which may be null. */
  byte[] readText() throws IOException {
    int length = readInt();
    if (length > LONGEST_TEXT) {
      throw new IOException("its table of contents has a text of %d bytes".formatted(length));
    }
    return length < 0 ? null : readBytes(length);
  }

  /** Reads the length of a block of data; 0 at the end of the data. */
  int readLength() throws IOException {
    int length = readInt();
    if (length < 0) {
      throw new IOException("the archive has data of %d bytes".formatted(length));
    }
    return length;
  }

  /** Reads a number: a sign, then its bytes, lowest first. */
  int readInt() throws IOException {
    require(1 + intSize);
    long value = 0;
    for (int i = intSize; i > 0; i--) {
      value = value << 8 | buffer[next + i] & 0xff;
    }
    boolean negative = buffer[next] != 0;
    next += 1 + intSize;
    return (int) (negative ? -value : value);
  }

  int readByte() throws IOException {
    require(1);
    return buffer[next++] & 0xff;
  }

  byte[] readBytes(int length) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream(length);
    read(length, all::write);
    return all.toByteArray();
  }

  /** Passes on {@code length} bytes, in as few parts as the buffer allows. */
  void read(int length, Part part) throws IOException {
    int n;
    for (int left = length; left > 0; left -= n) {
      n = Math.min(left, buffer.length);
      require(n);
      part.take(buffer, next, n);
      next += n;
    }
  }

  private void require(int bytes) throws IOException {
    while (end - next < bytes) {
      if (!fill()) {
        throw new EOFException("the archive is cut short");
      }
    }
  }

  /** Reads on; returns false at the end. */
  private boolean fill() throws IOException {
    System.arraycopy(buffer, next, buffer, 0, end - next);
    end -= next;
    next = 0;
    int n = in.read(buffer, end, buffer.length - end);
    if (n > 0 && keeping != null) {
      keeping.write(buffer, end, n);
    }
    end += Math.max(n, 0);
    return n > 0;
  }
}
