package io.belay.model;

import io.belay.target.InvalidSetting;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.stereotype.Component;

/** The models that come with Belay, or those of the directory that replaces them. */
@Component
public class DeliveredModels {

  private static final String PACKAGED = "classpath*:processes/**/*.*";

  private final String directory;

  /**
   * @param directory of models to use instead of the packaged ones; empty means the packaged ones
   */
  public DeliveredModels(@Value("${belay.processes:}") String directory) {
    this.directory = directory;
  }

  /**
   * All models, content by name.
   *
   * @throws InvalidSetting when there is none
   */
  public Map<String, byte[]> all() {
    Map<String, byte[]> models = directory.isBlank() ? packaged() : in(Path.of(directory));
    if (models.isEmpty()) {
      throw new InvalidSetting(
          "belay.processes: no models in " + (directory.isBlank() ? PACKAGED : directory));
    }
    return models;
  }

  /** The parts that runbooks share: all models but the runbooks. */
  public Map<String, byte[]> parts() {
    Map<String, byte[]> parts = new TreeMap<>(all());
    parts.keySet().removeIf(Models::isRunbook);
    return parts;
  }

  /**
   * The models in a directory and its folders, content by name.
   *
   * @throws UncheckedIOException when it cannot be read
   */
  public static Map<String, byte[]> in(Path root) {
    Map<String, byte[]> models = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root, 3)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        String name = root.relativize(file).toString().replace('\\', '/');
        if (isModel(name)) {
          models.put(name, Files.readAllBytes(file));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("belay.processes: " + root + " cannot be read", e);
    }
    return models;
  }

  private static Map<String, byte[]> packaged() {
    Map<String, byte[]> models = new TreeMap<>();
    try {
      for (Resource resource : new PathMatchingResourcePatternResolver().getResources(PACKAGED)) {
        String url = resource.getURL().toString();
        String name = url.substring(url.lastIndexOf("/processes/") + "/processes/".length());
        if (isModel(name)) {
          try (InputStream content = resource.getInputStream()) {
            models.put(name, content.readAllBytes());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return models;
  }

  private static boolean isModel(String name) {
    return name.matches("[^.].*\\.(bpmn|dmn|form)");
  }
}
