package io.belay.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.nodes.People.Answer;
import io.belay.playground.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Belay leaves on the disk, for other accounts of the machine to see: nothing. */
@Timeout(600)
class OwnFilesIT {

  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private final People people = new People();
  private final Path home = Scratch.directory("own-files");
  private final Path work = Files.createDirectory(home.resolve("work"));

  OwnFilesIT() throws IOException {}

  @Test
  void everyFileOfBelay_isItsOwnersOnly_onAnyUmask_andThoseOfAnEarlierVersionBecomeSo()
      throws Exception {
    Files.writeString(
        Files.createDirectory(home.resolve("environments")).resolve("e1.yml"),
        Cluster.environment(1));
    try (EffectCounter target = new EffectCounter();
        NodeProcess node =
            new NodeProcess(home, "node", CountingBelay.freePort(), settings(target))) {
      start(node, "0000");
      String run = startRun(node);
      await().atMost(PATIENCE).until(() -> isOver(node, run));
      assertThat(everybody()).as("files and directories that others may use").isEmpty();
      assertThat(work.resolve("data/engine.mv.db")).isNotEmptyFile();
      assertThat(work.resolve("data/artifacts/.store")).isNotEmptyFile();
      assertThat(work.resolve("data/artifacts/.journal/key")).isNotEmptyFile();
      assertThat(home.resolve("node-tomcat")).isNotEmptyDirectory();
      node.kill();

      openAll(work.resolve("data"));
      assertThat(everybody()).hasSizeGreaterThan(4);
      start(node, "0022");
      assertThat(everybody()).as("after the update").isEmpty();
      assertThat(isOver(node, run)).as("it is the same database").isTrue();
    }
  }

  /** Database and artifacts are where they are by default: in the working directory. */
  private Map<String, String> settings(EffectCounter target) {
    Map<String, String> settings = new HashMap<>(Cluster.users());
    settings.put(
        "belay.processes", Path.of("src/test/resources/web/processes").toAbsolutePath().toString());
    settings.put("belay.environments", home.resolve("environments").toString());
    settings.put("belay.test.target", target.url());
    return settings;
  }

  private void start(NodeProcess node, String umask) throws Exception {
    node.start(
        Map.of("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + temporary()),
        work,
        List.of("/bin/sh", "-c", "umask \"$1\"; shift; exec \"$@\"", "sh", umask));
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              assertThat(node.isAlive()).as(node.endOfLog()).isTrue();
              return node.isUp(people.client());
            });
  }

  private Path temporary() throws IOException {
    return Files.createDirectories(home.resolve("temporary"));
  }

  private String startRun(NodeProcess node) throws Exception {
    Map<String, Object> parameters = Map.of("environment", "e1", "count", 2, "pause", "PT0.1S");
    Answer answer =
        people.tell(
            "olga",
            node.url().resolve("/api/runs"),
            Map.of("runbook", "web-test", "name", "r1", "parameters", parameters));
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    return answer.json().path("id").asText();
  }

  private boolean isOver(NodeProcess node, String run) throws Exception {
    for (JsonNode open : people.ask("anna", node.url().resolve("/api/tasks?run=" + run)).json()) {
      people.tell(
          "anna",
          node.url().resolve("/api/tasks/" + open.at("/task/id").asText() + "/complete"),
          Map.of("values", Map.of("decision", "go", "reason", "seen enough", "looked", true)));
    }
    JsonNode view = people.ask("vera", node.url().resolve("/api/runs/" + run)).json();
    return view.path("status").asText().equals("COMPLETED");
  }

  /** What group or others may use, in all directories that Belay writes to. */
  private List<String> everybody() throws IOException {
    try (Stream<Path> data = Files.walk(work.resolve("data"));
        Stream<Path> server = Files.walk(home.resolve("node-tomcat"));
        Stream<Path> temporary = Files.list(temporary())) {
      return Stream.of(data, server, temporary)
          .flatMap(paths -> paths)
          .map(OwnFilesIT::described)
          .filter(path -> !path.startsWith("------", 3))
          .toList();
    }
  }

  private static String described(Path path) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(path)) + " " + path;
    } catch (IOException gone) {
      return "rwx------ " + path;
    }
  }

  private static void openAll(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.toList()) {
        Files.setPosixFilePermissions(
            path,
            PosixFilePermissions.fromString(Files.isDirectory(path) ? "rwxr-xr-x" : "rw-rw-rw-"));
      }
    }
  }
}
