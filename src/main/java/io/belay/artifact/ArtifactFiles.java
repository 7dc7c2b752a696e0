package io.belay.artifact;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.belay.file.PrivateFiles;
import io.belay.target.StrictJson;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.springframework.util.FileSystemUtils;

/** The files of one run's directory: names, manifests, leftovers, and the order of flushes. */
final class ArtifactFiles {

  private static final String MANIFEST = ".manifest.json";
  private static final String PART = ".part";
  private static final Pattern SAFE_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._@+=-]{0,199}");
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private static final ObjectMapper STRICT = StrictJson.over(JSON);

  /** For renaming a file and writing a manifest. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration POLL = Duration.ofMillis(20);
  private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock();

  private final Path directory;

  private final Duration patience;

  ArtifactFiles(Path directory) {
    this(directory, PATIENCE);
  }

  ArtifactFiles(Path directory, Duration patience) {
    this.directory = directory;
    this.patience = patience;
  }

  static boolean isSafe(String name) {
    return SAFE_NAME.matcher(name).matches() && !name.endsWith(MANIFEST);
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  /** A new, empty file under a name that no other attempt uses. */
  Path newPart(String name) throws IOException {
    return PrivateFiles.create(part(name));
  }

  private Path part(String name) {
    return directory.resolve(
        "." + name + "." + UUID.randomUUID().toString().substring(0, 8) + PART);
  }

  /**
   * Removes what a killed attempt left. An attempt that is still writing (it lost its lock) finds
   * its part gone when it publishes, and fails.
   */
  void removeLeftovers(String name) throws IOException {
    try (DirectoryStream<Path> parts =
        Files.newDirectoryStream(
            directory,
            path -> {
              String found = path.getFileName().toString();
              return found.startsWith("." + name + ".") && found.endsWith(PART);
            })) {
      for (Path part : parts) {
        Files.deleteIfExists(part);
      }
    }
    Files.deleteIfExists(file(name)); // has no manifest: it never became an artifact
  }

  /**
   * Renames the part and writes the manifest; afterwards both survive a power failure. If that
   * fails (the disk is full), neither is left.
   */
  void publish(Path part, Artifact artifact) throws IOException {
    Path manifestPart = part(artifact.name() + MANIFEST);
    try {
      PrivateFiles.create(manifestPart, JSON.writeValueAsBytes(artifact));
      Files.move(part, file(artifact.name()), StandardCopyOption.ATOMIC_MOVE);
      Files.move(manifestPart, manifestFile(artifact.name()), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(manifestPart);
      Files.deleteIfExists(file(artifact.name())); // has no manifest: it never became an artifact
      throw e;
    }
    PrivateFiles.flush(directory);
    PrivateFiles.flush(directory.getParent());
  }

  /**
   * The name is hidden, so that it is never listed, and stable, so that the next attempt finds
   * leftovers.
   */
  Path newWorkDirectory(String name) throws IOException {
    Path work = directory.resolve("." + name + ".work");
    return exclusively(
        () -> {
          FileSystemUtils.deleteRecursively(work);
          return PrivateFiles.createDirectory(work);
        });
  }

  private Path manifestFile(String name) {
    return directory.resolve(name + MANIFEST);
  }

  Optional<Artifact> manifest(String name) {
    Path file = manifestFile(name);
    try {
      return Optional.of(StrictJson.read(STRICT, Files.readAllBytes(file), Artifact.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JacksonException e) {
      throw new TargetException(
          "the artifact manifest %s cannot be read: %s. Another version of Belay wrote it, or somebody changed it"
              .formatted(file, StrictJson.describe(e)),
          e);
    } catch (IOException e) {
      throw new TargetException("artifact manifest %s cannot be read".formatted(file), e);
    }
  }

  List<Artifact> manifests() {
    List<Artifact> found = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "[!.]*" + MANIFEST)) {
        for (Path file : files) {
          String name = file.getFileName().toString();
          manifest(name.substring(0, name.length() - MANIFEST.length())).ifPresent(found::add);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("artifacts in %s cannot be listed".formatted(directory), e);
      }
    }
    return found;
  }

  /**
   * Runs work that two attempts, in this process or on another node, must not do at the same time.
   *
   * @throws IOException when another still holds the lock after a minute: it was paused in the
   *     middle, or its disk does not respond
   */
  <T> T exclusively(Exclusive<T> work) throws IOException {
    PrivateFiles.directories(directory);
    long deadline = System.nanoTime() + patience.toNanos();
    // A file lock excludes other processes, not other threads.
    if (!await(() -> IN_THIS_PROCESS.tryLock(), deadline)) {
      throw heldByAnother();
    }
    try (FileChannel channel = PrivateFiles.open(directory.resolve(".lock"))) {
      FileLock[] lock = new FileLock[1];
      if (!await(() -> (lock[0] = channel.tryLock()) != null, deadline)) {
        throw heldByAnother();
      }
      try {
        return work.run();
      } finally {
        lock[0].release();
      }
    } finally {
      IN_THIS_PROCESS.unlock();
    }
  }

  private static boolean await(Exclusive<Boolean> taken, long deadline) throws IOException {
    while (!taken.run()) {
      if (System.nanoTime() >= deadline) {
        return false;
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
    return true;
  }

  private IOException heldByAnother() {
    return new IOException(
        "another attempt holds %s for more than %d s"
            .formatted(directory.resolve(".lock"), patience.toSeconds()));
  }

  /** Work under the lock. */
  @FunctionalInterface
  interface Exclusive<T> {
    T run() throws IOException;
  }
}
