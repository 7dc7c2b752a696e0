package io.belay.capability.document;

import com.fasterxml.jackson.core.JacksonException;
import io.belay.file.PrivateFiles;
import io.belay.target.StrictJson;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Small files that exist completely or not at all, even after a power failure. */
final class StateFile {

  private StateFile() {}

  static void write(Path file, Object value) throws IOException {
    write(file, Json.MAPPER.writeValueAsBytes(value));
  }

  static void write(Path file, byte[] content) throws IOException {
    put(file, content, true);
    PrivateFiles.flush(file.getParent());
  }

  /**
   * Replaces a file without a flush, so a power failure may lose it; readers see either the old or
   * the new file.
   */
  static void replace(Path file, byte[] content) {
    put(file, content, false);
  }

  private static void put(Path file, byte[] content, boolean durable) {
    Path part = part(file);
    try {
      PrivateFiles.directories(file.getParent());
      fill(part, content, durable);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new TargetException(
          "%s cannot be written (%s); it is as it was. Make room, or give Belay the right to write there, then retry"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /** The temporary file, which a kill may leave. */
  static Path part(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".part");
  }

  private static void fill(Path part, byte[] content, boolean durable) throws IOException {
    Files.deleteIfExists(part);
    try (FileChannel channel =
        FileChannel.open(PrivateFiles.create(part), StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      if (durable) {
        channel.force(true);
      }
    }
  }

  /** Reads a file; empty when it does not exist. */
  static <T> Optional<T> read(Path file, Class<T> type) throws IOException {
    byte[] content;
    try {
      content = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new TargetException(
          "%s cannot be read (%s); nothing was changed".formatted(file, e.getMessage()), e);
    }
    try {
      return Optional.of(StrictJson.read(Json.STRICT, content, type));
    } catch (JacksonException e) {
      throw new TargetException(
          "%s cannot be read: %s; nothing was changed. It is one of Belay's own files, written by another version or changed by somebody else. Start the version that wrote it, or put the file back as it was, then retry"
              .formatted(file, StrictJson.describe(e)),
          e);
    }
  }
}
