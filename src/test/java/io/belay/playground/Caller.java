package io.belay.playground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Asks the services of a world, and runs its commands, for the tests of the playground. */
final class Caller {

  private static final Duration SOON = Duration.ofSeconds(10);

  private final World world;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  Caller(World world) {
    this.world = world;
  }

  void completeConfiguration() throws IOException {
    Path v2 = world.directory().resolve("config/v2.env");
    Files.writeString(
        v2, Files.readString(v2) + "LARK_APP_ID=cli_a1b2c3d4\nLARK_APP_SECRET=secret\n");
  }

  int service(String... arguments) throws Exception {
    return run("service", arguments);
  }

  int run(String script, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(world.directory().resolve(script).toString());
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(world.directory().resolve("logs/command.out").toFile())
            .start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("%s ended", command).isTrue();
    return process.exitValue();
  }

  static void awaitPulse(Callable<Boolean> condition) {
    await().atMost(SOON).pollInterval(Duration.ofMillis(20)).until(condition);
  }

  int challenge() {
    String body =
        "{\"type\":\"url_verification\",\"challenge\":\"c\",\"token\":\"%s\"}"
            .formatted(world.properties().get("playground.webhook.token"));
    return post(url(Slots.STAGING, "/api/webhook/lark/event"), body).statusCode();
  }

  HttpResponse<String> post(URI url, String body) {
    return send(
        HttpRequest.newBuilder(url).POST(HttpRequest.BodyPublishers.ofString(body)).build());
  }

  double figure(String slot, String name) {
    return figureIn(get(slot, "/metrics").body(), name);
  }

  static double figureIn(String json, String name) {
    return Double.parseDouble(json.replaceAll("(?s).*\"" + name + "\":([-0-9.]+).*", "$1"));
  }

  long millis(String slot, String path) {
    long started = System.nanoTime();
    get(slot, path);
    return (System.nanoTime() - started) / 1_000_000;
  }

  HttpResponse<String> get(String slot, String path) {
    return send(HttpRequest.newBuilder(url(slot, path)).build());
  }

  URI url(String slot, String path) {
    return URI.create(world.properties().get("playground." + slot + ".url") + path);
  }

  HttpResponse<String> send(HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
