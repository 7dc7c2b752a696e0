package io.belay.playground;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Belay's own gateway as a process before the application: all main slots are v1's backend, green
 * is v2's. A user is known by the header {@code X-User} and stays on one side.
 */
final class PlaygroundGateway implements Closeable {

  private static final String PROCESS = "gateway";
  private static final int START_SECONDS = 20;

  /** Room for what piles up when the machine stands still for a moment. */
  private static final int HEAP_MEGABYTES = 192;

  private static final String ROUTES =
      "{\"routes\":[{\"path\":\"/\",\"baseline\":\"v1\",\"candidate\":\"v2\",\"weight\":0}],"
          + "\"drained\":[]}";

  private final Path world;
  private final int port = Ports.free();
  private final int adminPort = Ports.free();
  private final String token = Passwords.generate();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private PlaygroundGateway(Path world) {
    this.world = world;
  }

  static PlaygroundGateway start(Path world) throws IOException, InterruptedException {
    PlaygroundGateway gateway = new PlaygroundGateway(world);
    gateway.launch();
    return gateway;
  }

  private void launch() throws IOException, InterruptedException {
    Path directory = Files.createDirectories(world.resolve(PROCESS));
    Path file = directory.resolve("gateway.yml");
    Files.writeString(file, configuration(directory));
    List<String> command =
        new ArrayList<>(Java.command(System.getProperty("java.class.path"), HEAP_MEGABYTES));
    command.addAll(
        List.of(
            Leash.class.getName(),
            world.toString(),
            PROCESS,
            "io.belay.gateway.Gateway",
            file.toString()));
    File output = world.resolve("logs").resolve("gateway.out").toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(output).redirectErrorStream(true);
    builder.environment().put("BELAY_GATEWAY_TOKEN", token);
    Process process = builder.start();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!answers()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        process.destroyForcibly();
        throw new IOException("the gateway did not start: " + Files.readString(output.toPath()));
      }
      Thread.sleep(30);
    }
  }

  private String configuration(Path directory) throws IOException {
    StringBuilder main = new StringBuilder();
    for (String slot : Slots.MAIN) {
      main.append("    %s: \"%s\"%n".formatted(slot, Slots.url(world, slot)));
    }
    return """
        listen: 127.0.0.1:%d
        admin: 127.0.0.1:%d
        state: %s
        sticky: { header: X-User }
        backends:
          v1:
        %s  v2:
            green: "%s"
        routes:
          - { path: /, baseline: v1, candidate: v2, weight: 0 }
        """
        .formatted(
            port, adminPort, directory.resolve("routes.json"), main, Slots.url(world, Slots.GREEN));
  }

  private boolean answers() {
    try {
      return call("GET", "/health", null).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** Routes and drained servers, without the numbers that grow with each change. */
  String routes() throws IOException {
    JsonNode table = new JsonMapper().readTree(call("GET", "/routes", null).body());
    return "routes %s drained %s".formatted(table.get("routes"), table.get("drained"));
  }

  /** Grows by one with each change of the routes. */
  long version() throws IOException {
    return new JsonMapper().readTree(call("GET", "/routes", null).body()).get("version").asLong();
  }

  /** All traffic to v1, nothing drained. */
  void reset() throws IOException {
    HttpResponse<String> answer = call("PUT", "/routes", ROUTES);
    if (answer.statusCode() != 200) {
      throw new IOException("the gateway refused its first routes: " + answer.body());
    }
  }

  private HttpResponse<String> call(String method, String path, String body) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(admin().resolve(path))
            .timeout(Duration.ofSeconds(5))
            .header("Authorization", "Bearer " + token)
            .header("If-Match", "*")
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  boolean runs() throws IOException {
    return process().isPresent();
  }

  private Optional<PidFile.Entry> process() throws IOException {
    return PidFile.ofSlot(world, PROCESS).read();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  URI admin() {
    return URI.create("http://127.0.0.1:" + adminPort);
  }

  String token() {
    return token;
  }

  /** Kills it: at the end of the world nobody waits for an answer. */
  @Override
  public void close() throws IOException {
    process().ifPresent(entry -> entry.process().destroyForcibly());
  }
}
