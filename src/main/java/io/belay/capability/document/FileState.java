package io.belay.capability.document;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The state of a file at one time.
 *
 * @param modified milliseconds since 1970
 * @param key device and inode
 * @param sha256 of the content; null when only the attributes were read
 */
record FileState(long size, long modified, String key, String sha256) {

  private static final int BUFFER = 1 << 18;

  /** The attributes only; empty when there is no such file. */
  static Optional<FileState> attributes(Path file) throws IOException {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      if (!found.isRegularFile()) {
        throw new IOException("%s is no regular file".formatted(file));
      }
      return Optional.of(
          new FileState(
              found.size(),
              found.lastModifiedTime().toMillis(),
              String.valueOf(found.fileKey()),
              null));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** With the content's hash; empty when there is no such file. */
  static Optional<FileState> of(Path file) throws IOException {
    Optional<FileState> before = attributes(file);
    return before.isEmpty() ? before : Optional.of(before.get().with(hash(file)));
  }

  static String hash(Path file) throws IOException {
    return hash(file, Long.MAX_VALUE);
  }

  /** SHA-256 of the first {@code bytes} bytes. */
  static String hash(Path file, long bytes) throws IOException {
    return hash(file, bytes, offset -> {});
  }

  static String hash(Path file, NedbFile.Position position) throws IOException {
    return hash(file, Long.MAX_VALUE, position);
  }

  private static String hash(Path file, long bytes, NedbFile.Position position) throws IOException {
    BackgroundDigest digest = new BackgroundDigest();
    byte[] free = new byte[BUFFER];
    byte[] hashed = new byte[BUFFER];
    long left = bytes;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (left > 0) {
        byte[] buffer = free;
        int read = channel.read(ByteBuffer.wrap(buffer, 0, (int) Math.min(left, BUFFER)));
        if (read < 0) {
          break;
        }
        digest.update(buffer, 0, read);
        free = hashed;
        hashed = buffer;
        left -= read;
        position.reached(bytes - left);
      }
    }
    return digest.sha256();
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  FileState with(String hash) {
    return new FileState(size, modified, key, hash);
  }

  /** Whether nobody wrote to the file in between, according to its attributes. */
  boolean sameAttributes(FileState other) {
    return size == other.size && modified == other.modified && key.equals(other.key);
  }
}
