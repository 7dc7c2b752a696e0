package io.belay.backup;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Numbers, texts and data as pg_dump's archives hold them, one after the other. */
final class ArchiveInput {

  /** Takes a part of the data; the bytes are only lent. */
  interface Part {
    void take(byte[] bytes, int from, int length) throws IOException;
  }

  /** No text of a table of contents is longer; a damaged one shall not fill the memory. */
  private static final int LONGEST_TEXT = 64 << 20;

  private final InputStream in;
  private final byte[] buffer = new byte[256 << 10];
  private int next;
  private int end;
  private int intSize;

  /** All that was in the buffer so far; null when it is not kept any more. */
  private ByteArrayOutputStream keeping = new ByteArrayOutputStream();

  ArchiveInput(InputStream in) {
    this.in = in;
  }

  /** So many bytes has each number from now on. */
  void numbersOf(int bytes) {
    intSize = bytes;
  }

  /** How many bytes were read. */
  int kept() {
    return keeping.size() - (end - next);
  }

  /** All that was read; from now on it is not kept. */
  byte[] endKeeping() {
    byte[] kept = Arrays.copyOf(keeping.toByteArray(), kept());
    keeping = null;
    return kept;
  }

  boolean hasMore() throws IOException {
    return next < end || fill();
  }

  /** Null where the archive says so. */
  byte[] readText() throws IOException {
    int length = readInt();
    if (length > LONGEST_TEXT) {
      throw new IOException("its table of contents has a text of %d bytes".formatted(length));
    }
    return length < 0 ? null : readBytes(length);
  }

  /** Of data; 0 at their end. */
  int readLength() throws IOException {
    int length = readInt();
    if (length < 0) {
      throw new IOException("the archive has data of %d bytes".formatted(length));
    }
    return length;
  }

  /** A sign, then the bytes of the number, the lowest first. */
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

  /** In as few parts as the buffer allows. */
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

  /** Whether there was more. */
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
