package io.belay.capability.document;

import io.belay.file.PrivateFiles;
import io.belay.target.TargetException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A file that is being written: buffered, hashed, and continued from the last durable position. */
final class PartFile implements Closeable {

  private static final int BUFFER = 1 << 20;

  private final Path file;
  private final FileChannel channel;
  private final BackgroundDigest digest = new BackgroundDigest();
  private final byte[] buffer = new byte[BUFFER];
  private int filled;
  private long length;

  /** Opens a channel for reading and writing; tests replace it by a full disk. */
  @FunctionalInterface
  interface Disk {
    FileChannel open(Path file) throws IOException;
  }

  static final Disk DISK = PrivateFiles::open;

  /**
   * @param length number of valid bytes; the rest of the file is cut off
   */
  PartFile(Path file, long length, Disk disk) throws IOException {
    this.file = file;
    this.channel = disk.open(file);
    this.length = length;
    if (channel.size() < length) {
      channel.close();
      throw new TargetException(
          "%s is shorter than its checkpoint says: somebody changed it. Take the migration back and begin again"
              .formatted(file));
    }
    channel.truncate(length);
    channel.position(0);
    ByteBuffer bytes = ByteBuffer.wrap(buffer);
    while (channel.position() < length && channel.read(bytes) >= 0) {
      digest.update(buffer, 0, bytes.position());
      digest.await();
      bytes.clear();
    }
  }

  void write(byte[] bytes, int start, int end) throws IOException {
    int from = start;
    while (from < end) {
      if (filled == BUFFER) {
        flush();
      }
      int count = Math.min(end - from, BUFFER - filled);
      System.arraycopy(bytes, from, buffer, filled, count);
      filled += count;
      from += count;
    }
  }

  /** Ends the line. */
  void endLine() throws IOException {
    if (filled == BUFFER) {
      flush();
    }
    buffer[filled++] = '\n';
  }

  private void flush() throws IOException {
    digest.update(buffer, 0, filled);
    ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, filled);
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new TargetException(
          "%s cannot be written: %s. The files in place are as they were; make room or repair the disk, then retry"
              .formatted(file, e.getMessage()),
          e);
    }
    digest.await();
    length += filled;
    filled = 0;
  }

  /** Flushes what was written so far to disk; returns its length. */
  long force() throws IOException {
    flush();
    channel.force(true);
    return length;
  }

  /** The SHA-256 of all that was written; nothing can be written afterwards. */
  String sha256() throws IOException {
    force();
    return digest.sha256();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
