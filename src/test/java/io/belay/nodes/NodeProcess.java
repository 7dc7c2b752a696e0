package io.belay.nodes;

import io.belay.playground.Java;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A node or an agent in a process of its own, which can be killed and started again. */
final class NodeProcess implements AutoCloseable {

  private final Path settings;
  private final Path log;
  private final URI url;
  private final String profile;
  private volatile Process process;

  /**
   * @param directory for its settings and log
   * @param port of a node; 0 for an agent, which has none
   */
  NodeProcess(Path directory, String name, int port, Map<String, String> properties)
      throws IOException {
    settings = directory.resolve(name + ".properties");
    log = directory.resolve(name + ".log");
    url = port == 0 ? null : URI.create("http://127.0.0.1:" + port);
    profile = port == 0 ? "agent" : "default";
    Properties all = new Properties();
    all.putAll(properties);
    all.setProperty("server.port", String.valueOf(port));
    all.setProperty("server.address", "127.0.0.1");
    all.setProperty("server.tomcat.basedir", directory.resolve(name + "-tomcat").toString());
    // It holds passwords.
    Files.createFile(
        settings,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (var writer = Files.newBufferedWriter(settings)) {
      all.store(writer, null);
    }
  }

  /** Starts it; does not wait until it is there. */
  void start() throws IOException {
    start(Map.of());
  }

  /** Starts it with more variables in its environment. */
  void start(Map<String, String> environment) throws IOException {
    start(environment, Path.of(""), List.of());
  }

  /**
   * @param directory where it works
   * @param wrapper a command that executes its arguments
   */
  void start(Map<String, String> environment, Path directory, List<String> wrapper)
      throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(
        List.of(
            Java.executable(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx384m",
            "-cp",
            absolute(System.getProperty("java.class.path")),
            CountingBelay.class.getName()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toAbsolutePath().toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("SPRING_PROFILES_ACTIVE", profile);
    builder.environment().put("SPRING_CONFIG_ADDITIONAL_LOCATION", settings.toUri().toString());
    builder.environment().putAll(environment);
    process = builder.start();
  }

  private static String absolute(String classpath) {
    return Stream.of(classpath.split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  boolean isUp(HttpClient client) throws InterruptedException {
    if (!isAlive()) {
      return false;
    }
    HttpRequest health =
        HttpRequest.newBuilder(url.resolve("/actuator/health"))
            .timeout(Duration.ofSeconds(5))
            .build();
    try {
      return client.send(health, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** Ends it without a chance to clean up. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  URI url() {
    return url;
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  String endOfLog() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 25), lines.size()));
    } catch (IOException e) {
      return "no log";
    }
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
    }
  }
}
