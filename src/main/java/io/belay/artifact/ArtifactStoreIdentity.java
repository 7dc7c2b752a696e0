package io.belay.artifact;

import io.belay.file.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Identifies an artifacts directory: nodes that share it read the same identity, wherever it is
 * mounted, from its file {@code .store}.
 */
public final class ArtifactStoreIdentity {

  private static final int LENGTH = 36;
  private static final int TRIES = 50;

  private final String value;

  /**
   * @throws IllegalArgumentException when the identity can be neither read nor written
   */
  public ArtifactStoreIdentity(Path directory) {
    Path file = directory.resolve(".store");
    try {
      value = readOrMake(file);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "belay.artifacts.directory: %s cannot be read or written".formatted(file), e);
    }
  }

  private static String readOrMake(Path file) throws IOException {
    try {
      String made = UUID.randomUUID().toString();
      PrivateFiles.create(file, made.getBytes(StandardCharsets.UTF_8));
      return made;
    } catch (FileAlreadyExistsException there) {
      for (int i = 0; i < TRIES; i++) {
        String read = Files.readString(file).strip();
        if (read.length() == LENGTH) {
          return read;
        }
        pause(); // another node is writing it
      }
      throw new IOException(file + " does not hold an identity; remove it if nothing wrote there");
    }
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public String value() {
    return value;
  }
}
