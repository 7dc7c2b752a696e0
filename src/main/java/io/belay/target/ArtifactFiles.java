package io.belay.target;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.springframework.util.FileSystemUtils;

/**
 * The files of one run's directory: names, manifests, leftovers, and what reaches the disk when.
 */
final class ArtifactFiles {

  private static final String MANIFEST = ".manifest.json";
  private static final String PART = ".part";
  private static final Pattern SAFE_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._@+=-]{0,199}");
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> OWNER_ONLY_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private final Path directory;

  ArtifactFiles(Path directory) {
    this.directory = directory;
  }

  static boolean isSafe(String name) {
    return SAFE_NAME.matcher(name).matches() && !name.endsWith(MANIFEST);
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  /** A new, empty file under a name that no other attempt uses; readable by its owner only. */
  Path newPart(String name) throws IOException {
    return Files.createFile(
        directory.resolve("." + name + "." + UUID.randomUUID().toString().substring(0, 8) + PART),
        OWNER_ONLY);
  }

  /**
   * Removes what a killed attempt left. An attempt that still writes (its lock was lost) finds its
   * part gone when it wants to publish, and fails.
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

  /** Renames the part and writes the manifest; afterwards both survive a power failure. */
  void publish(Path part, Artifact artifact) throws IOException {
    Files.move(part, file(artifact.name()), StandardCopyOption.ATOMIC_MOVE);
    Path manifestPart = newPart(artifact.name() + MANIFEST);
    Files.write(manifestPart, JSON.writeValueAsBytes(artifact));
    flush(manifestPart, StandardOpenOption.WRITE);
    Files.move(manifestPart, manifestFile(artifact.name()), StandardCopyOption.ATOMIC_MOVE);
    flush(directory, StandardOpenOption.READ);
    flush(directory.getParent(), StandardOpenOption.READ);
  }

  /** Hidden, so that it is never listed; stable, so that the next attempt finds what is left. */
  Path newWorkDirectory(String name) throws IOException {
    Path work = directory.resolve("." + name + ".work");
    return exclusively(
        () -> {
          FileSystemUtils.deleteRecursively(work);
          return Files.createDirectory(work, OWNER_ONLY_DIRECTORY);
        });
  }

  private static void flush(Path path, StandardOpenOption mode) throws IOException {
    try (FileChannel channel = FileChannel.open(path, mode)) {
      channel.force(true);
    }
  }

  private Path manifestFile(String name) {
    return directory.resolve(name + MANIFEST);
  }

  Optional<Artifact> manifest(String name) {
    Path file = manifestFile(name);
    try {
      return Optional.of(JSON.readValue(Files.readAllBytes(file), Artifact.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
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

  /** What two attempts must not do at a time, in this process or in another node's. */
  <T> T exclusively(Exclusive<T> work) throws IOException {
    Files.createDirectories(directory, OWNER_ONLY_DIRECTORY);
    synchronized (ArtifactFiles.class) { // a file lock holds between processes, not threads
      try (FileChannel channel =
          FileChannel.open(
              directory.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        FileLock lock = channel.lock();
        try {
          return work.run();
        } finally {
          lock.release();
        }
      }
    }
  }

  /** Work under the lock. */
  @FunctionalInterface
  interface Exclusive<T> {
    T run() throws IOException;
  }
}
