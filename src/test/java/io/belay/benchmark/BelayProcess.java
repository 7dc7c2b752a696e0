package io.belay.benchmark;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** A Belay in a process of its own. */
final class BelayProcess implements AutoCloseable {

  private static final Duration START_WITHIN = Duration.ofMinutes(5);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private final Path log;
  private final URI url;
  private final Process process;
  private final long begin;

  /**
   * Starts it; does not wait until it is there.
   *
   * @param name of its files in the directory
   * @param command that starts it
   */
  BelayProcess(Path directory, String name, List<String> command, Map<String, String> settings)
      throws IOException {
    Files.createDirectories(directory);
    Path file = directory.resolve(name + ".properties");
    log = directory.resolve(name + ".log");
    int port = freePort();
    url = URI.create("http://127.0.0.1:" + port);
    Properties all = new Properties();
    all.putAll(settings);
    all.setProperty("server.port", String.valueOf(port));
    all.setProperty("server.address", "127.0.0.1");
    all.setProperty("belay.health.port", "0");
    try (var writer = Files.newBufferedWriter(file)) {
      all.store(writer, null);
    }
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("SPRING_CONFIG_ADDITIONAL_LOCATION", file.toUri().toString());
    begin = System.nanoTime();
    process = builder.start();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** Seconds from its start to the first time that this page is there. */
  double awaitUp(String page) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(url.resolve(page)).build();
    while (true) {
      try {
        if (HTTP.send(request, BodyHandlers.discarding()).statusCode() == 200) {
          return (System.nanoTime() - begin) / 1e9;
        }
      } catch (IOException notYet) {
        // nobody listens
      }
      if (!process.isAlive() || System.nanoTime() - begin > START_WITHIN.toNanos()) {
        throw new IllegalStateException("it does not start:\n" + Files.readString(log));
      }
      Thread.sleep(20);
    }
  }

  URI url() {
    return url;
  }

  /** Memory that the process has, as the operating system counts it. */
  long residentBytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/%d/status".formatted(process.pid()))).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElseThrow();
  }

  /** What is left on the heap after a collection of all garbage. */
  long liveBytes() throws IOException, InterruptedException {
    // It collects garbage first.
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                String.valueOf(process.pid()),
                "GC.class_histogram")
            .start();
    String total =
        new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.startsWith("Total"))
            .findFirst()
            .orElseThrow();
    jcmd.waitFor();
    return Long.parseLong(total.trim().split("\\s+")[2]);
  }

  /** Ends it as an operator does. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(40, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
