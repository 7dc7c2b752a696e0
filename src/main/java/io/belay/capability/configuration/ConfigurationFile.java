package io.belay.capability.configuration;

import io.belay.file.PrivateFiles;
import io.belay.step.StepContext;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One configuration file as it is: content, mode and owner.
 *
 * @param content null in the records that only describe a file
 */
record ConfigurationFile(Path path, byte[] content, State state) {

  /**
   * Everything that must come back.
   *
   * @param mode as {@code rw-r-----}
   */
  record State(String sha256, String mode, String owner, String group) {}

  /** The file; empty when there is none. */
  static Optional<ConfigurationFile> read(Path path) throws IOException {
    try {
      byte[] content = Files.readAllBytes(path);
      PosixFileAttributes attributes = Files.readAttributes(path, PosixFileAttributes.class);
      return Optional.of(
          new ConfigurationFile(
              path,
              content,
              new State(
                  Digests.sha256(content),
                  PosixFilePermissions.toString(attributes.permissions()),
                  attributes.owner().getName(),
                  attributes.group().getName())));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * The file behind a configured path. A symbolic link is followed once here, so that writing
   * replaces the file and not the link.
   */
  static Path resolve(Path path) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    return Files.isSymbolicLink(absolute) && Files.exists(absolute)
        ? absolute.toRealPath()
        : absolute;
  }

  /**
   * Puts content in place in one instant: whoever reads sees the old file or the new one, also when
   * Belay is killed meanwhile. Only its owner can read it before mode and owner are right. An
   * attempt that a newer one has replaced puts nothing in place: the newer one has removed what it
   * had prepared, or it notices that its node was silent.
   *
   * <p>A file that is a mount of its own, as a container's single file, cannot be replaced: it is
   * written in place, from the front, so that whoever kept a copy can go on from it.
   *
   * @param context of the attempt that writes
   * @throws TargetException when it cannot be written; the file is as it was then
   */
  static void write(Path path, byte[] content, State state, StepContext context) {
    Path part =
        path.resolveSibling(
            "%s%s-%d".formatted(partsOf(path), context.stepKey(), context.attempt()));
    try {
      createDirectories(path.getParent(), state);
      dropPrepared(path);
      PrivateFiles.create(part, content);
      own(part, state);
      Files.setPosixFilePermissions(part, PosixFilePermissions.fromString(state.mode()));
      context.cancellation().throwIfCancelled();
      tellLinks(path, context);
      put(part, path, content, context);
      PrivateFiles.flush(path.getParent());
    } catch (IOException e) {
      dropQuietly(part);
      throw new TargetException(
          "configuration file %s could not be written (%s); it is as it was before"
              .formatted(path, e),
          e);
    }
  }

  private static void put(Path part, Path path, byte[] content, StepContext context)
      throws IOException {
    try {
      Files.move(part, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      if (!Files.exists(path) || !isBusy(e)) {
        throw e;
      }
      Files.delete(part);
      context.log("%s cannot be replaced (%s); it is written in place", path, e.getReason());
      try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
        ByteBuffer rest = ByteBuffer.wrap(content);
        while (rest.hasRemaining()) {
          file.write(rest);
        }
        file.truncate(content.length);
        file.force(true);
      } catch (IOException half) {
        throw new TargetException(
            "configuration file %s was written in part (%s); its former content is an artifact of this run. Retry"
                .formatted(path, half),
            half);
      }
    }
  }

  /** A mount of its own. */
  private static boolean isBusy(FileSystemException e) {
    return e instanceof AtomicMoveNotSupportedException
        || e.getReason() != null && e.getReason().contains("busy");
  }

  private static void tellLinks(Path path, StepContext context) throws IOException {
    if (Files.exists(path)
        && Files.getAttribute(path, "unix:nlink") instanceof Integer links
        && links > 1) {
      context.log(
          "%s has %d names (hard links); the others keep the content that it had", path, links);
    }
  }

  private static void dropQuietly(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      // The next attempt removes it.
    }
  }

  /** Whoever may read the file may enter the directories that are made for it, and nobody else. */
  private static void createDirectories(Path directory, State state) throws IOException {
    if (!Files.isDirectory(directory)) {
      createDirectories(directory.getParent(), state);
      PrivateFiles.createDirectory(directory);
      own(directory, state);
      String enter = state.mode().replaceAll("r..", "r-x").replaceAll("^...", "rwx");
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(enter));
    }
  }

  /** Removes what earlier attempts, killed or replaced, prepared beside the file. */
  static void dropPrepared(Path path) throws IOException {
    if (!Files.isDirectory(path.getParent())) {
      return;
    }
    try (Stream<Path> beside = Files.list(path.getParent())) {
      for (Path file : beside.toList()) {
        if (file.getFileName().toString().startsWith(partsOf(path))) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static String partsOf(Path path) {
    return "." + path.getFileName() + ".belay-part-";
  }

  static void delete(Path path, StepContext context) {
    try {
      context.cancellation().throwIfCancelled();
      Files.deleteIfExists(path);
      PrivateFiles.flush(path.getParent());
    } catch (IOException e) {
      throw new TargetException(
          "configuration file %s could not be removed (%s); remove it, then retry"
              .formatted(path, e),
          e);
    }
  }

  private static void own(Path file, State state) throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    PosixFileAttributes now = view.readAttributes();
    UserPrincipalLookupService names = file.getFileSystem().getUserPrincipalLookupService();
    if (!now.owner().getName().equals(state.owner())) {
      view.setOwner(names.lookupPrincipalByName(state.owner()));
    }
    if (!now.group().getName().equals(state.group())) {
      view.setGroup(names.lookupPrincipalByGroupName(state.group()));
    }
  }
}
