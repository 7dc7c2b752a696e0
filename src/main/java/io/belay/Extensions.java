package io.belay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jars that bring steps, types of targets and JDBC drivers of one's own. A jar names its
 * configuration as Spring Boot's auto-configurations do. The directory is {@code extensions} where
 * Belay was started, or what {@code BELAY_EXTENSIONS} names.
 */
public final class Extensions {

  static final String VARIABLE = "BELAY_EXTENSIONS";

  private static final Logger LOG = LoggerFactory.getLogger(Extensions.class);

  private Extensions() {}

  /**
   * Belay's own classes and those of the extensions, which cannot replace Belay's.
   *
   * @throws IllegalArgumentException when {@code BELAY_EXTENSIONS} names no directory
   */
  public static ClassLoader classLoader() {
    String named = System.getenv(VARIABLE);
    if (named != null && !named.isBlank() && !Files.isDirectory(Path.of(named))) {
      throw new IllegalArgumentException(
          "%s names %s, which is no directory".formatted(VARIABLE, named));
    }
    return classLoader(Path.of(named == null || named.isBlank() ? "extensions" : named));
  }

  static ClassLoader classLoader(Path directory) {
    List<Path> jars = jars(directory);
    if (jars.isEmpty()) {
      return Extensions.class.getClassLoader();
    }
    LOG.info("extensions: {}", jars);
    return new URLClassLoader(
        "extensions",
        jars.stream().map(Extensions::url).toArray(URL[]::new),
        Extensions.class.getClassLoader());
  }

  private static List<Path> jars(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the extensions in %s cannot be listed".formatted(directory), e);
    }
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e); // a path has a URL
    }
  }
}
