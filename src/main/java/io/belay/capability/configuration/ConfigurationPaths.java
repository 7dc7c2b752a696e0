package io.belay.capability.configuration;

import io.belay.step.BusinessStop;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which files belong to a configuration: the two {@code .env} files and the further files and
 * directories, the latter with all in them. Symbolic links inside directories are not followed, so
 * that nothing outside is read or written.
 *
 * @param absent configured, but nothing is there
 * @param skipped symbolic links and special files that were left out
 */
record ConfigurationPaths(
    SortedSet<Path> files,
    List<Path> absent,
    List<Path> directories,
    List<Path> skipped,
    long bytes) {

  /** More is no configuration, and a backup of it in memory would be wrong. */
  private static final long MAX_BYTES = 64L << 20;

  private static final int MAX_FILES = 10_000;

  /**
   * @throws BusinessStop when it is too much to be configuration; names the limit
   */
  static ConfigurationPaths of(ConfigurationTarget target) throws IOException {
    LinkedHashSet<Path> configured = new LinkedHashSet<>();
    configured.add(target.baseline());
    configured.add(target.candidate());
    configured.addAll(target.files());
    Collector collector = new Collector();
    for (Path path : configured) {
      collector.add(ConfigurationFile.resolve(path));
    }
    return new ConfigurationPaths(
        collector.files,
        collector.absent,
        collector.directories,
        collector.skipped,
        collector.bytes);
  }

  private static final class Collector extends SimpleFileVisitor<Path> {
    private final SortedSet<Path> files = new TreeSet<>();
    private final List<Path> absent = new ArrayList<>();
    private final List<Path> directories = new ArrayList<>();
    private final List<Path> skipped = new ArrayList<>();
    private long bytes;

    void add(Path path) throws IOException {
      if (Files.isDirectory(path)) {
        directories.add(path);
        Files.walkFileTree(path, this);
      } else if (Files.exists(path)) {
        visitFile(path, Files.readAttributes(path, BasicFileAttributes.class));
      } else {
        absent.add(path);
      }
    }

    @Override
    public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
      if (!attributes.isRegularFile()) {
        skipped.add(path);
      } else if (files.add(path)) {
        bytes += attributes.size();
      }
      if (bytes > MAX_BYTES || files.size() > MAX_FILES) {
        throw new BusinessStop(
            "the configured files are more than %d MiB or %,d files at %s; list configuration files only"
                .formatted(MAX_BYTES >> 20, MAX_FILES, path));
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
