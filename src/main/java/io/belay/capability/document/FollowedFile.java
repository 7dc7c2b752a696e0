package io.belay.capability.document;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;

/**
 * A NeDB file that others append to or replace. What was read remains valid while the file is the
 * same, as its inode and its first and last bytes show.
 */
final class FollowedFile implements Closeable {

  private static final int PROOF = 4096;

  private final Path path;
  private final FileChannel channel;
  private final String key;
  private FileState seen;
  private long readTo;
  private byte[] head = new byte[0];
  private byte[] tail = new byte[0];

  /**
   * @throws java.nio.file.NoSuchFileException when there is none
   */
  FollowedFile(Path path) throws IOException {
    this.path = path;
    this.channel = FileChannel.open(path, StandardOpenOption.READ);
    this.key = FileState.attributes(path).map(FileState::key).orElse("");
  }

  /**
   * Reads what was appended since the last time; at first the whole file. An unterminated last line
   * is passed on as it is, and again when more of it was written.
   *
   * @return false when the file was replaced
   */
  boolean catchUp(NedbFile.Lines lines) throws IOException {
    Optional<FileState> now = FileState.attributes(path);
    if (now.isEmpty() || !now.get().key().equals(key) || !channel.isOpen()) {
      return false;
    }
    if (seen != null && seen.sameAttributes(now.get())) {
      return true;
    }
    boolean grew = seen == null || now.get().size() > seen.size();
    if (!grew || !Arrays.equals(head, bytes(0, head.length)) || !Arrays.equals(tail, tail())) {
      return false;
    }
    NedbFile.read(
        path,
        readTo,
        null,
        position -> {},
        (buffer, start, end, offset, number, complete) -> {
          lines.line(buffer, start, end, offset, number, complete);
          readTo = complete ? offset + (end - start) + 1 : readTo;
        });
    if (!FileState.attributes(path).map(FileState::key).filter(key::equals).isPresent()) {
      return false;
    }
    head = bytes(0, (int) Math.min(PROOF, readTo));
    tail = tail();
    seen = now.get();
    return true;
  }

  private byte[] tail() throws IOException {
    int length = (int) Math.min(PROOF, readTo);
    return bytes(readTo - length, length);
  }

  private byte[] bytes(long offset, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {
      // until all is there
    }
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  Path path() {
    return path;
  }

  /** Device and inode. */
  String key() {
    return key;
  }

  FileChannel channel() {
    return channel;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
