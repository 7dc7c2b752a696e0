package io.belay.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;

/** The files under processes/, as they are deployed together. */
public final class ModelFiles {

  public static final Path PROCESSES = Path.of("processes");

  private ModelFiles() {}

  public static List<Path> in(String directory) {
    try (Stream<Path> files = Files.list(PROCESSES.resolve(directory))) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static List<Path> all() {
    return Stream.of("runbooks", "phases", "decisions", "forms")
        .flatMap(directory -> in(directory).stream())
        .toList();
  }

  /** The name without its ending. */
  public static String nameOf(Path file) {
    return file.getFileName().toString().replaceFirst("\\.[a-z]+$", "");
  }

  public static InputStream open(Path file) {
    try {
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names of all steps that models run inside a job. */
  public static List<String> stepsInJobs() {
    return Stream.of("runbooks", "phases")
        .flatMap(directory -> in(directory).stream())
        .map(file -> Bpmn.readModelFromFile(file.toFile()))
        .flatMap(model -> model.getModelElementsByType(ServiceTask.class).stream())
        .map(ServiceTask::getCamundaDelegateExpression)
        .filter(Objects::nonNull)
        .map(expression -> expression.replaceAll("[${}]", ""))
        .distinct()
        .toList();
  }

  /** Defaults of a start form's fields. */
  public static Map<String, Object> defaults(String form) {
    Map<String, Object> defaults = new LinkedHashMap<>();
    try {
      JsonNode json =
          new ObjectMapper().readTree(PROCESSES.resolve("forms/" + form + ".form").toFile());
      for (JsonNode field : json.path("components")) {
        JsonNode value = field.path("defaultValue");
        if (!value.isMissingNode()) {
          defaults.put(
              field.path("key").asText(), value.isBoolean() ? value.asBoolean() : value.asText());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return defaults;
  }
}
