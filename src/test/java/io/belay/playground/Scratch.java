package io.belay.playground;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Directories for what tests write, where none of JUnit's fits. All are gone when the JVM ends. */
public final class Scratch {

  private static final Queue<Path> DIRECTORIES = new ConcurrentLinkedQueue<>();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> DIRECTORIES.forEach(WorldDirectory::remove), "scratch"));
  }

  private Scratch() {}

  /** A new one; its name begins with {@code belay-<what>-}. */
  public static Path directory(String what) throws IOException {
    Path directory = Files.createTempDirectory("belay-" + what + "-");
    DIRECTORIES.add(directory);
    return directory;
  }
}
