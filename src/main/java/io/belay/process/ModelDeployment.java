package io.belay.process;

import io.belay.target.InvalidSetting;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.repository.DeploymentBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.stereotype.Component;

/**
 * Deploys all models as one deployment when Belay starts, and only if something changed: a phase is
 * bound to the runbook that was deployed with it, so runs keep the phases that they began with. A
 * set that the lint refuses stops the start; what ran before stays.
 */
@Component
class ModelDeployment implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(ModelDeployment.class);
  private static final String PACKAGED = "classpath*:processes/**/*.*";

  private final RepositoryService repository;
  private final String directory;
  private boolean running;

  /**
   * @param directory of models to use instead of the packaged ones; empty means the packaged ones
   */
  ModelDeployment(RepositoryService repository, @Value("${belay.processes:}") String directory) {
    this.repository = repository;
    this.directory = directory;
  }

  @Override
  public void start() {
    Map<String, byte[]> models = directory.isBlank() ? packaged() : ofDirectory(Path.of(directory));
    if (models.isEmpty()) {
      throw new InvalidSetting(
          "belay.processes: no models in " + (directory.isBlank() ? PACKAGED : directory));
    }
    DeploymentBuilder deployment =
        repository.createDeployment().name("belay").source("belay").enableDuplicateFiltering(false);
    models.forEach(
        (name, content) ->
            deployment.addInputStream(name, new java.io.ByteArrayInputStream(content)));
    String id = deployment.deploy().getId();
    log.info("{} models are deployed as {}", models.size(), id);
    running = true;
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

  private static Map<String, byte[]> ofDirectory(Path root) {
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

  private static boolean isModel(String name) {
    return name.matches("[^.].*\\.(bpmn|dmn|form)") && !name.startsWith(".");
  }

  @Override
  public void stop() {
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Before the workers begin. */
  @Override
  public int getPhase() {
    return Integer.MIN_VALUE + 1000;
  }
}
