package io.belay.capability.backup;

import io.belay.file.PrivateFiles;
import io.belay.target.Cancellation;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Packs a flat directory of files, as pg_dump writes it, into a tar stream and unpacks it. */
final class PackedDirectory {

  private PackedDirectory() {}

  static void pack(Path directory, OutputStream out, Cancellation cancellation) throws IOException {
    TarArchiveOutputStream tar = new TarArchiveOutputStream(out);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    for (Path file : files(directory)) {
      cancellation.throwIfCancelled();
      tar.putArchiveEntry(new TarArchiveEntry(file, file.getFileName().toString()));
      Files.copy(file, tar);
      tar.closeArchiveEntry();
    }
    // ends the archive and leaves the stream to its owner
    tar.finish();
    tar.flush();
  }

  /** Reads {@code in} to its end, so that a checksum after the archive is checked too. */
  static void unpack(InputStream in, Path directory, Cancellation cancellation) throws IOException {
    TarArchiveInputStream tar = new TarArchiveInputStream(in);
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      cancellation.throwIfCancelled();
      Path file = directory.resolve(entry.getName()).normalize();
      if (!directory.equals(file.getParent())) {
        throw new TargetException(
            "the archive holds '%s', which would lie outside its directory"
                .formatted(entry.getName()));
      }
      try (OutputStream out = PrivateFiles.output(file)) {
        tar.transferTo(out);
      }
    }
    in.transferTo(OutputStream.nullOutputStream());
  }

  /** Bytes of all files; 0 when there is no directory (yet). */
  static long size(Path directory) {
    try {
      long size = 0;
      for (Path file : files(directory)) {
        size += Files.size(file);
      }
      return size;
    } catch (IOException e) {
      // not there yet, or a file of the running dump was just renamed
      return 0;
    }
  }

  static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException e) {
      // nothing was written
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }
}
