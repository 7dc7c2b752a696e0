package io.belay.capability.check;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Counts the lines with {@code ERROR} that are appended to a log file from now on. Follows a
 * rotation: what was appended to the old file before it was renamed is counted, then the new file
 * from its beginning; a file that was cut is read from its beginning. A line counts once.
 */
final class LogWatch implements AutoCloseable {

  private static final byte[] PATTERN = {'E', 'R', 'R', 'O', 'R'};

  private final Path file;
  private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
  private FileChannel channel;
  private Object key;
  private int matched;
  private boolean lineCounts;
  private int errors;

  /** Begins at the file's present end; a file that is not there yet is read from its beginning. */
  LogWatch(Path file) throws IOException {
    this.file = file;
    if (open()) {
      channel.position(channel.size());
    }
  }

  private boolean open() throws IOException {
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      return true;
    } catch (NoSuchFileException e) {
      close();
      channel = null;
      return false;
    }
  }

  /** Reads what was appended; returns the errors since the beginning. */
  int poll() throws IOException {
    if (channel == null && !open()) {
      return errors;
    }
    if (channel.size() < channel.position()) {
      channel.position(0);
      endLine();
    }
    drain();
    if (rotated()) {
      // The writer may have appended between our last read and its rename.
      drain();
      endLine();
      channel.close();
      channel = null;
      if (open()) {
        drain();
      }
    }
    return errors;
  }

  /** Whether there is a file to watch. */
  boolean found() {
    return channel != null;
  }

  private boolean rotated() throws IOException {
    try {
      return !Files.readAttributes(file, BasicFileAttributes.class).fileKey().equals(key);
    } catch (NoSuchFileException e) {
      return false; // renamed, and nothing new yet: go on with the old one
    }
  }

  private void drain() throws IOException {
    while (channel.read(buffer.clear()) > 0) {
      buffer.flip();
      while (buffer.hasRemaining()) {
        byte next = buffer.get();
        if (next == '\n') {
          endLine();
        } else if (!lineCounts) {
          // ERROR has one E only: after a mismatch, a match can begin at this byte or later.
          matched = next == PATTERN[matched] ? matched + 1 : next == PATTERN[0] ? 1 : 0;
          if (matched == PATTERN.length) {
            lineCounts = true;
            errors++;
            matched = 0;
          }
        }
      }
    }
  }

  private void endLine() {
    lineCounts = false;
    matched = 0;
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }
}
