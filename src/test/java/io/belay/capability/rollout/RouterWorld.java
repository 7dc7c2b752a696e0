package io.belay.capability.rollout;

import io.belay.gateway.Gateway;
import io.belay.target.RouterTarget;
import io.belay.target.Secret;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A real gateway before given servers. */
public final class RouterWorld implements AutoCloseable {

  private static final String TOKEN = "a-token-that-is-long-enough";

  private final HttpClient client = HttpClient.newHttpClient();
  private final Gateway gateway;

  /**
   * @param backends YAML, for example {@code {v1: {v1: 'http://…'}, v2: {…}}}
   */
  public RouterWorld(Path directory, String backends) throws Exception {
    Path file = directory.resolve("gateway.yml");
    Files.writeString(
        file,
        """
        listen: 127.0.0.1:0
        admin: 127.0.0.1:0
        state: %s
        sticky: { header: X-User }
        webSocketRestartSeconds: 1
        backends: %s
        routes:
          - { path: /, baseline: v1, candidate: v2, weight: 0 }
          - { path: /pinned, baseline: v1, candidate: v2, weight: 100 }
        """
            .formatted(directory.resolve("routes.json"), backends));
    gateway = Gateway.start(file, Map.of("BELAY_GATEWAY_TOKEN", TOKEN));
  }

  public RouterTarget target() {
    return target(TOKEN, "v1", "v2");
  }

  RouterTarget target(String token, String baseline, String candidate) {
    return new RouterTarget(
        RouterTarget.Kind.GATEWAY,
        URI.create("http://127.0.0.1:" + gateway.port()),
        URI.create("http://127.0.0.1:" + gateway.administrationPort() + "/"),
        Secret.of(token),
        "main",
        baseline,
        candidate,
        Duration.ofSeconds(5));
  }

  HttpResponse<String> get(String path) throws Exception {
    return send(HttpRequest.newBuilder(URI.create(target().url() + path)));
  }

  HttpResponse<String> get(String path, String user) throws Exception {
    return send(HttpRequest.newBuilder(URI.create(target().url() + path)).header("X-User", user));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    gateway.close();
  }
}
