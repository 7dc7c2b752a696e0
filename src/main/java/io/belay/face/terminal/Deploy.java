package io.belay.face.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Sends the models of a directory as one set; Belay adds the shared parts that they use. */
final class Deploy {

  private static final int DEPTH = 3;

  private final Path directory;
  private final Map<String, byte[]> models = new TreeMap<>();

  /**
   * Reads the directory.
   *
   * @throws Arguments.Wrong when it is not a directory, or contains no runbook file
   */
  Deploy(Path directory) {
    this.directory = directory;
    if (!Files.isDirectory(directory)) {
      throw new Arguments.Wrong("deploy: %s is no directory".formatted(directory));
    }
    try (Stream<Path> files = Files.walk(directory, DEPTH)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        String name = directory.relativize(file).toString();
        if (name.matches("[^.].*\\.(bpmn|dmn|form)")) {
          models.put(name, Files.readAllBytes(file));
        }
      }
    } catch (IOException | UncheckedIOException e) {
      throw new Arguments.Wrong("deploy: %s cannot be read: %s".formatted(directory, e));
    }
    if (models.keySet().stream().noneMatch(name -> name.endsWith(".bpmn"))) {
      throw new Arguments.Wrong("deploy: %s has no .bpmn file".formatted(directory));
    }
  }

  /**
   * @throws Api.Refused with every finding of the lint
   */
  void send(Api api, Display display) throws IOException, InterruptedException {
    Path name = directory.toAbsolutePath().normalize().getFileName();
    JsonNode deployed = api.deploy(name == null ? "models" : name.toString(), models);
    String runbooks =
        deployed.path("deployedProcessDefinitions").properties().stream()
            .map(Map.Entry::getValue)
            .filter(process -> process.path("resource").asText().startsWith("runbooks/"))
            .map(
                process ->
                    "%s, version %d"
                        .formatted(process.path("key").asText(), process.path("version").asInt()))
            .sorted()
            .collect(Collectors.joining("; "));
    display.line(
        "good",
        "Deployed: %s",
        runbooks.isEmpty() ? "nothing, for nothing has changed since the last time" : runbooks);
  }
}
