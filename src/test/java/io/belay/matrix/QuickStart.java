package io.belay.matrix;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;

/**
 * How Belay is started again and again at a third less processor time: the first orderly start
 * leaves an archive of loaded classes (class data sharing) for the others. Such an archive takes
 * classes from jars only, so the compiled ones are packed into jars.
 */
final class QuickStart {

  private final Path directory;
  private final String classpath;
  private final Path archive;
  private final List<String> prefix;

  QuickStart(Path directory) throws IOException {
    this(directory, List.of());
  }

  /**
   * @param prefix what comes before the command, as {@code env} and variables
   */
  QuickStart(Path directory, List<String> prefix) throws IOException {
    this.directory = Files.createDirectories(directory);
    this.prefix = prefix;
    this.archive = directory.resolve("belay.jsa");
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        entries.add(pack(path).toString());
      } else if (Files.exists(path)) {
        entries.add(entry);
      }
    }
    this.classpath = entries.stream().distinct().collect(Collectors.joining(File.pathSeparator));
  }

  /**
   * The command up to the main class.
   *
   * @param orderly whether this process will end by itself, and can leave the archive
   */
  List<String> java(boolean orderly) {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xlog:disable",
            "-Xlog:all=error:stderr",
            "-Xmx512m"));
    if (Files.exists(archive)) {
      command.add("-XX:SharedArchiveFile=" + archive);
    } else if (orderly) {
      command.add("-XX:ArchiveClassesAtExit=" + archive);
    }
    command.addAll(List.of("-cp", classpath));
    return command;
  }

  private Path pack(Path classes) throws IOException {
    Path jar = directory.resolve(classes.getFileName() + ".jar");
    if (isNewer(jar, classes)) {
      return jar;
    }
    Files.deleteIfExists(archive); // it is of other classes
    try (Stream<Path> files = Files.walk(classes);
        JarOutputStream out =
            new JarOutputStream(new BufferedOutputStream(Files.newOutputStream(jar)))) {
      out.setMethod(JarOutputStream.STORED); // reading counts, not size
      for (Path file : files.filter(file -> !file.equals(classes)).sorted().toList()) {
        // Spring finds classes in jars by their directories.
        boolean isDirectory = Files.isDirectory(file);
        byte[] bytes = isDirectory ? new byte[0] : Files.readAllBytes(file);
        String name = classes.relativize(file).toString().replace(File.separatorChar, '/');
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        ZipEntry entry = new ZipEntry(isDirectory ? name + "/" : name);
        entry.setSize(bytes.length);
        entry.setCompressedSize(bytes.length);
        entry.setCrc(checksum.getValue());
        out.putNextEntry(entry);
        out.write(bytes);
        out.closeEntry();
      }
    }
    return jar;
  }

  private static boolean isNewer(Path jar, Path classes) throws IOException {
    if (!Files.exists(jar)) {
      return false;
    }
    FileTime packed = Files.getLastModifiedTime(jar);
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.toList()) {
        if (Files.getLastModifiedTime(file).compareTo(packed) > 0) {
          return false;
        }
      }
    }
    return true;
  }
}
