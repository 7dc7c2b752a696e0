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
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the containers of {@code docker-compose.yml} run, as processes. */
class SampleServiceIT {

  @TempDir Path application;

  private final Map<String, String> world = World.shared().properties();
  private final int port = Ports.free();

  @Test
  void preparedApplication_isReady_inItsNewVersion_andPreparedOnce() throws Exception {
    assertThat(start("prepare").waitFor(60, TimeUnit.SECONDS)).isTrue();
    Files.writeString(application.resolve("config/v1.env"), "changed by somebody");
    Process again = start("prepare");
    assertThat(again.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(again.exitValue()).isZero();
    assertThat(application.resolve("config/v1.env")).hasContent("changed by somebody");
    assertThat(application.resolve("v2-changelog.sql")).isNotEmptyFile();

    Process service = start("serve", "staging");
    try {
      await()
          .atMost(Duration.ofSeconds(40))
          .ignoreExceptions()
          .until(() -> status("/api/health/ready") == 200);
    } finally {
      service.destroy();
    }
    assertThat(service.waitFor(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void missingVariable_isNamed() throws Exception {
    ProcessBuilder builder = builder("prepare");
    builder.environment().remove("DATABASE_PASSWORD");
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isNotZero();
    assertThat(output).contains("DATABASE_PASSWORD");
  }

  private int status(String path) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private Process start(String... words) throws IOException {
    return builder(words).inheritIO().start();
  }

  private ProcessBuilder builder(String... words) {
    ProcessBuilder builder =
        new ProcessBuilder(
            Stream.of(
                    Java.command(System.getProperty("java.class.path")),
                    List.of(SampleService.class.getName()),
                    List.of(words))
                .flatMap(List::stream)
                .toList());
    builder
        .environment()
        .putAll(
            Map.of(
                "APPLICATION_DIRECTORY", application.toString(),
                "PORT", String.valueOf(port),
                "DATABASE_HOST", "127.0.0.1",
                "DATABASE_PORT", world.get("playground.postgres.port"),
                "DATABASE_PASSWORD", world.get("playground.postgres.password"),
                "REDIS_HOST", "127.0.0.1",
                "REDIS_PORT", world.get("playground.redis.port"),
                "REDIS_PASSWORD", world.get("playground.redis.password"),
                "MONGO_HOST", "127.0.0.1",
                "LARK_VERIFICATION_TOKEN", world.get("playground.webhook.token")));
    return builder;
  }
}
