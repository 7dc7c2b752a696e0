package io.belay.playground;

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
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/**
 * Belay as a process of its own beside the world, so that it can be killed and the world goes on.
 * Engine, artifacts and log are in one directory that stays.
 */
public final class BelayProcess implements AutoCloseable {

  private static final Duration START_WITHIN = Duration.ofMinutes(2);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(30);

  private final Path world;
  private final Path data;
  private final int port;
  private final Path settings;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private Process process;

  /**
   * @param data directory for everything that Belay writes
   * @param port of its pages and APIs, on loopback
   */
  public BelayProcess(World world, Path data, int port) throws IOException {
    this(world, data, port, Map.of());
  }

  /**
   * @param more properties of Belay
   */
  public BelayProcess(World world, Path data, int port, Map<String, String> more)
      throws IOException {
    this.world = world.directory();
    this.data = Files.createDirectories(data).toAbsolutePath();
    this.port = port;
    // In the world's directory, which only its owner can read: the file holds passwords.
    settings = world.directory().resolve("belay.properties");
    Properties properties = new Properties();
    properties.putAll(world.properties());
    properties.setProperty("server.port", String.valueOf(port));
    properties.setProperty(
        "belay.environments", Path.of("environments").toAbsolutePath().toString());
    properties.setProperty("belay.artifacts.directory", this.data.resolve("artifacts").toString());
    properties.setProperty(
        "spring.datasource.url",
        "jdbc:h2:file:" + this.data.resolve("engine") + ";DB_CLOSE_ON_EXIT=FALSE;WRITE_DELAY=0");
    // Killed, it leaves what it would take away at its end.
    properties.setProperty("server.tomcat.basedir", this.data.resolve("tomcat").toString());
    properties.putAll(more);
    try (var writer = Files.newBufferedWriter(settings)) {
      properties.store(writer, null);
    }
  }

  /**
   * Starts it and waits until it answers.
   *
   * @throws IOException with the end of its log when it does not come up
   */
  public synchronized void start() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Java.executable());
    command.add("-XX:+UseSerialGC");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-Xmx512m");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(Leash.class.getName(), world.toString(), "belay", "io.belay.Belay"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
    Map<String, String> environment = builder.environment();
    environment.put("SPRING_PROFILES_ACTIVE", "playground");
    environment.put("SPRING_CONFIG_ADDITIONAL_LOCATION", settings.toUri().toString());
    process = builder.start();
    long deadline = System.nanoTime() + START_WITHIN.toNanos();
    while (!isUp()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        kill();
        throw new IOException("Belay did not start; the end of " + log() + ":\n" + endOfLog());
      }
      Thread.sleep(200);
    }
  }

  private boolean isUp() throws InterruptedException {
    HttpRequest health =
        HttpRequest.newBuilder(url().resolve("/actuator/health"))
            .timeout(Duration.ofSeconds(5))
            .build();
    try {
      return client.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private String endOfLog() throws IOException {
    // Where the code was says little to whom it does not start; what it said does.
    List<String> lines =
        Files.readAllLines(log()).stream()
            .filter(line -> !line.isBlank() && !line.matches("\\s+(at |\\.\\.\\. \\d+).*"))
            .toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
  }

  /** Ends the process without a chance to clean up, as a power cut would. */
  public synchronized void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  public synchronized boolean isAlive() {
    return process != null && process.isAlive();
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** What it printed. */
  public Path log() {
    return data.resolve("belay.log");
  }

  @Override
  public synchronized void close() {
    if (process == null) {
      return;
    }
    process.destroy();
    try {
      if (!process.waitFor(STOP_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
