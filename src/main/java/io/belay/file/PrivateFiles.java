package io.belay.file;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates every file and directory of Belay: only the owner can use them (0600 and 0700) from the
 * moment they exist, whatever the process's umask. On a file system without permissions each method
 * fails.
 */
public final class PrivateFiles {

  private static final Logger LOG = LoggerFactory.getLogger(PrivateFiles.class);
  private static final FileAttribute<Set<PosixFilePermission>> FILE = attribute("rw-------");
  private static final FileAttribute<Set<PosixFilePermission>> DIRECTORY = attribute("rwx------");
  private static final Set<PosixFilePermission> OWNER = DIRECTORY.value();

  private PrivateFiles() {}

  private static FileAttribute<Set<PosixFilePermission>> attribute(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }

  /**
   * Creates a new, empty file.
   *
   * @throws java.nio.file.FileAlreadyExistsException when something has that name
   */
  public static Path create(Path file) throws IOException {
    try {
      return kept(Files.createFile(file, FILE));
    } catch (UnsupportedOperationException e) {
      throw noPermissions(file);
    }
  }

  /** Creates a new file with this content, which is on disk when the method returns. */
  public static void create(Path file, byte[] content) throws IOException {
    create(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  /** Like {@link #create(Path, byte[])}, but removes a file of that name first. */
  public static void write(Path file, byte[] content) throws IOException {
    Files.deleteIfExists(file); // it could have another mode, or be open elsewhere
    create(file, content);
  }

  /** Creates a new file and opens it for writing. */
  public static OutputStream output(Path file) throws IOException {
    return Files.newOutputStream(create(file), StandardOpenOption.WRITE);
  }

  /** Opens a file for reading and writing. Creates it if missing; otherwise makes it private. */
  public static FileChannel open(Path file) throws IOException {
    try {
      create(file);
    } catch (FileAlreadyExistsException there) {
      tighten(file);
    }
    return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /**
   * Creates a new directory in an existing one.
   *
   * @throws java.nio.file.FileAlreadyExistsException when something has that name
   */
  public static Path createDirectory(Path directory) throws IOException {
    try {
      return kept(Files.createDirectory(directory, DIRECTORY));
    } catch (UnsupportedOperationException e) {
      throw noPermissions(directory);
    }
  }

  /** Creates the missing directories of a path; existing ones stay as they are. */
  public static Path directories(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return directory;
    }
    try {
      return kept(Files.createDirectories(directory, DIRECTORY));
    } catch (UnsupportedOperationException e) {
      throw noPermissions(directory);
    }
  }

  /** Creates a directory for temporary files. */
  public static Path temporaryDirectory(String prefix) throws IOException {
    return Files.createTempDirectory(prefix, DIRECTORY);
  }

  /**
   * Creates a directory of Belay's own; if it exists, removes the rights of group and others from
   * it and from all in it, which an earlier version or somebody else may have left. What belongs to
   * another account stays as it is, and the log says so.
   */
  public static void claim(Path directory) throws IOException {
    directories(directory);
    if (isOpen(directory)) {
      // The directory itself comes last: once it is private, so is all in it, and a killed attempt
      // is repeated.
      Files.walkFileTree(directory, new Tightening());
      if (isOpen(directory)) {
        LOG.warn(
            "Other accounts may enter {}, which belongs to another account than Belay's. They cannot read what Belay writes there, but see its names; take their rights: chmod go= {}",
            directory,
            directory);
      }
    }
  }

  /**
   * Removes the rights of group and others.
   *
   * @throws IOException when the file belongs to somebody else
   */
  public static void tighten(Path path) throws IOException {
    PosixFileAttributeView view = required(path);
    if (isOpen(view)) {
      Set<PosixFilePermission> kept = EnumSet.copyOf(OWNER);
      kept.retainAll(view.readAttributes().permissions());
      view.setPermissions(kept);
    }
  }

  /** Flushes a directory: what was created, renamed or removed in it is on disk afterwards. */
  public static void flush(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Whether group or others have any right. */
  public static boolean isOpen(Path path) throws IOException {
    return isOpen(required(path));
  }

  private static boolean isOpen(PosixFileAttributeView view) throws IOException {
    return !OWNER.containsAll(view.readAttributes().permissions());
  }

  private static PosixFileAttributeView required(Path path) throws IOException {
    PosixFileAttributeView view = view(path);
    if (view == null) {
      throw noPermissions(path);
    }
    return view;
  }

  private static PosixFileAttributeView view(Path path) {
    return Files.getFileAttributeView(
        path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
  }

  private static Path kept(Path made) throws IOException {
    PosixFileAttributeView view = view(made);
    if (view == null || isOpen(view)) {
      Files.delete(made);
      throw noPermissions(made);
    }
    return made;
  }

  private static IOException noPermissions(Path path) {
    return new IOException(
        "%s would be open to other accounts: its file system keeps no permissions. Use another one, or mount it with umask=077"
            .formatted(path));
  }

  /** Skips links and what belongs to another account. */
  private static final class Tightening extends SimpleFileVisitor<Path> {

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (!attributes.isSymbolicLink()) {
        attempt(file);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, IOException failure) {
      attempt(directory);
      return FileVisitResult.CONTINUE;
    }

    private static void attempt(Path path) {
      try {
        tighten(path);
      } catch (IOException belongsToSomebodyElse) {
        // claim checks whether the directory itself is private
      }
    }
  }
}
