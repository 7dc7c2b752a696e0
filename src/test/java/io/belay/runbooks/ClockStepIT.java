package io.belay.runbooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.Belay;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The wall clock of Belay's machine is set by ten minutes, there and back, while a step works: the
 * step is not begun a second time, an abort still waits until it has stopped, and the run ends as
 * it should. Belay is a process of its own, whose clock libfaketime moves.
 */
@Timeout(300)
class ClockStepIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir static Path directory;
  private static Process belay;
  private static URI url;
  private static Path clock;

  @BeforeAll
  static void start() throws Exception {
    Optional<Path> library = library();
    Assumptions.assumeTrue(library.isPresent(), "libfaketime (Debian's faketime) is not here");
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    url = URI.create("http://127.0.0.1:" + port);
    clock = directory.resolve("clock");
    set("+0");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx400m", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(Belay.class.getName());
    command.addAll(settings(port));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("belay.log").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "LD_PRELOAD", library.get().toString(),
                "FAKETIME_TIMESTAMP_FILE", clock.toString(),
                "FAKETIME_NO_CACHE", "1",
                "FAKETIME_DONT_FAKE_MONOTONIC", "1",
                "DONT_FAKE_MONOTONIC", "1"));
    belay = builder.start();
    await("Belay's start")
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(500))
        .ignoreExceptions()
        .until(() -> send("viewer", "/actuator/health", null).statusCode() == 200);
  }

  private static List<String> settings(int port) {
    List<String> settings = new ArrayList<>();
    for (String user : List.of("viewer", "operator", "approver", "administrator")) {
      settings.add("--belay.security.users." + user + ".password=" + user);
      settings.add("--belay.security.users." + user + ".roles=" + user);
    }
    settings.addAll(
        List.of(
            "--server.port=" + port,
            "--belay.security.playground=true",
            "--belay.processes=src/test/resources/web/processes",
            "--belay.environments=src/test/resources/web/environments",
            "--belay.artifacts.directory=" + directory.resolve("artifacts"),
            "--belay.step.poll=200ms",
            "--spring.datasource.url=jdbc:h2:mem:clock;DB_CLOSE_DELAY=-1"));
    return settings;
  }

  private static Optional<Path> library() throws IOException {
    for (Path root : List.of(Path.of("/usr/lib"), Path.of("/usr/lib64"))) {
      if (Files.isDirectory(root)) {
        try (Stream<Path> files = Files.walk(root, 3)) {
          Optional<Path> found =
              files.filter(file -> file.endsWith("faketime/libfaketimeMT.so.1")).findFirst();
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }

  @AfterAll
  static void stop() throws Exception {
    if (belay != null) {
      belay.destroyForcibly().waitFor();
    }
  }

  /** In one instant, as whoever reads it does not wait for the end of a write. */
  private static void set(String offset) throws IOException {
    Path part = clock.resolveSibling("clock.part");
    Files.writeString(part, offset + "\n");
    Files.move(
        part,
        clock,
        java.nio.file.StandardCopyOption.ATOMIC_MOVE,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void clockSetForwardAndBack_whileAStepWorks_changesNothing() throws Exception {
    String run = startSlowStep();
    set("+600");
    Instant ahead = Instant.now().plusSeconds(300);
    soon().until(() -> lastReport(run) >= 20);
    set("+0");
    awaitStatus(run, "WAITING_FOR_PERSON");

    assertThat(kinds(run, "Task_Count")).containsExactly("INTENT", "RESULT");
    assertThat(journal(run))
        .as("the clock was set")
        .anyMatch(entry -> Instant.parse(entry.path("at").asText()).isAfter(ahead));
    abort(run);
    awaitStatus(run, "ROLLED_BACK");
    assertThat(get("/api/journal/check").path("problems")).isEmpty();
  }

  @Test
  void abortWhileTheClockIsSet_waitsUntilTheStepHasStopped() throws Exception {
    String run = startSlowStep();
    set("+600");
    abort(run);
    awaitStatus(run, "ROLLED_BACK");
    set("+0");

    List<String> told = new ArrayList<>();
    for (JsonNode entry : journal(run)) {
      told.add(entry.path("kind").asText() + " " + entry.path("activityId").asText());
    }
    assertThat(told).contains("STOPPED Task_Count").doesNotContain("INCIDENT Task_Count");
    assertThat(told.indexOf("STOPPED Task_Count"))
        .isLessThan(told.indexOf("INTENT Task_CountBack"));
    assertThat(kinds(run, "Task_Count")).containsExactly("INTENT", "STOPPED");
  }

  private static String startSlowStep() throws Exception {
    HttpResponse<String> started =
        send(
            "operator",
            "/api/runs",
            "{\"runbook\":\"web-test\",\"parameters\":{\"environment\":\"test\",\"count\":40,\"pause\":\"PT0.25S\"}}");
    assertThat(started.statusCode()).as(started.body()).isEqualTo(201);
    String run = JSON.readTree(started.body()).path("id").asText();
    soon().until(() -> lastReport(run) > 0);
    return run;
  }

  private static long lastReport(String run) throws Exception {
    return get("/api/runs/" + run).path("working").path(0).path("done").asLong();
  }

  private static void abort(String run) {
    soon()
        .until(
            () ->
                send("operator", "/api/runs/" + run + "/abort", "{\"reason\":\"seen enough\"}")
                        .statusCode()
                    == 200);
  }

  private static void awaitStatus(String run, String wanted) {
    soon().until(() -> get("/api/runs/" + run).path("status").asText().equals(wanted));
  }

  private static List<String> kinds(String run, String activity) throws Exception {
    List<String> kinds = new ArrayList<>();
    for (JsonNode entry : journal(run)) {
      String kind = entry.path("kind").asText();
      if (entry.path("activityId").asText().equals(activity)
          && List.of("INTENT", "RESULT", "FAILURE", "STOPPED").contains(kind)) {
        kinds.add(kind);
      }
    }
    return kinds;
  }

  private static JsonNode journal(String run) throws Exception {
    return get("/api/runs/" + run + "/journal?limit=1000");
  }

  private static JsonNode get(String path) throws Exception {
    return JSON.readTree(send("viewer", path, null).body());
  }

  private static HttpResponse<String> send(String user, String path, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url.resolve(path))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/json")
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder()
                        .encodeToString((user + ":" + user).getBytes(StandardCharsets.UTF_8)));
    return HTTP.send(
        (body == null ? request.GET() : request.POST(BodyPublishers.ofString(body))).build(),
        BodyHandlers.ofString());
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(150));
  }
}
