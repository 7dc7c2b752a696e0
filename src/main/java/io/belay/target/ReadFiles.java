package io.belay.target;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The files that decide what a target's commands do, with the SHA-256 of their present content on
 * this node. For a command: each argument that names a file ({@code script.sh}, {@code
 * --file=down.sql}), its program if given by a path, and the files it declares ({@link
 * Command#reads}); also the files that the target itself declares ({@link Target#reads}).
 */
public final class ReadFiles {

  /** A larger file counts by its size and the time of its last change. */
  private static final long MOST_BYTES = 64L << 20;

  /** More files than this in a directory are a mistake, such as the root of a disk. */
  private static final int MOST_FILES = 5_000;

  private ReadFiles() {}

  /**
   * Content by absolute path.
   *
   * @throws TargetException when a directory has too many files to be looked through
   */
  public static SortedMap<String, String> of(Target target) {
    TreeSet<Path> files = new TreeSet<>();
    target.reads().stream().flatMap(ReadFiles::below).forEach(files::add);
    collect(target, target instanceof CommandTarget command && command.isElsewhere(), files);
    if (target instanceof CommandTarget command) {
      collect(command.between(), false, files);
    }
    return contents(files.stream());
  }

  /**
   * The files that decide what a command of the target does, one line each, with the SHA-256 of the
   * content.
   *
   * @param command null for none
   */
  public static List<String> describe(CommandTarget target, Command command) {
    return command == null
        ? List.of()
        : contents(ofCommand(command, target.isElsewhere()).flatMap(ReadFiles::below))
            .entrySet()
            .stream()
            .map(file -> "%s has SHA-256 %s".formatted(file.getKey(), file.getValue()))
            .toList();
  }

  private static SortedMap<String, String> contents(Stream<Path> files) {
    SortedMap<String, String> contents = new TreeMap<>();
    files.forEach(file -> contents.put(file.toString(), content(file)));
    return contents;
  }

  private static void collect(Object value, boolean elsewhere, Collection<Path> files) {
    if (value instanceof Command command) {
      ofCommand(command, elsewhere).flatMap(ReadFiles::below).forEach(files::add);
    } else if (value instanceof List<?> list) {
      list.forEach(one -> collect(one, elsewhere, files));
    } else if (value instanceof Record record) {
      for (RecordComponent component : record.getClass().getRecordComponents()) {
        try {
          collect(component.getAccessor().invoke(record), elsewhere, files);
        } catch (ReflectiveOperationException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  /**
   * @param elsewhere whether its arguments name files of another machine, so that only {@link
   *     Command#reads} are on this one
   */
  private static Stream<Path> ofCommand(Command command, boolean elsewhere) {
    Path directory =
        (command.directory() == null ? Path.of("") : command.directory()).toAbsolutePath();
    // A program without a slash is looked up in PATH, not in the directory.
    Stream<Path> named =
        command.arguments().stream()
            .skip(command.arguments().get(0).contains("/") ? 0 : 1)
            .flatMap(argument -> Stream.of(argument, argument.replaceFirst("^-[^=]*=", "")))
            .distinct()
            .flatMap(argument -> path(directory, argument))
            .filter(Files::isRegularFile);
    return Stream.concat(
            elsewhere ? Stream.empty() : named, command.reads().stream().map(directory::resolve))
        .map(Path::normalize);
  }

  private static Stream<Path> path(Path directory, String argument) {
    try {
      return argument.isBlank() ? Stream.empty() : Stream.of(directory.resolve(argument));
    } catch (InvalidPathException noPath) {
      return Stream.empty();
    }
  }

  private static Stream<Path> below(Path path) {
    if (!Files.isDirectory(path)) {
      return Stream.of(path);
    }
    try (Stream<Path> walk = Files.walk(path, FileVisitOption.FOLLOW_LINKS)) {
      List<Path> files = walk.filter(Files::isRegularFile).limit(MOST_FILES + 1).toList();
      if (files.size() > MOST_FILES) {
        throw new TargetException(
            "%s has more than %d files; name a smaller directory, so that an approval can be bound to what is in it"
                .formatted(path, MOST_FILES));
      }
      return files.stream();
    } catch (IOException | UncheckedIOException e) {
      return Stream.of(path); // then reported as unreadable
    }
  }

  private static String content(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        return "%d bytes of %s".formatted(Files.size(file), Files.getLastModifiedTime(file));
      }
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in = Files.newInputStream(file)) {
        byte[] buffer = new byte[1 << 16];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          digest.update(buffer, 0, n);
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException unreadable) {
      return Files.exists(file) ? "cannot be read" : "does not exist";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
