package io.belay.playground;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** Belay's REST interface, as the playground's users call it. */
final class DemoClient {

  /** Belay refused what was asked; the message says why. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final URI belay;
  private final JsonMapper json = new JsonMapper();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  DemoClient(URI belay) {
    this.belay = belay;
  }

  /** The answer; empty while Belay does not answer at all. */
  Optional<JsonNode> get(String path) throws InterruptedException {
    try {
      return Optional.of(json.readTree(send("viewer", "GET", path, null)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The body as it is, for a file. */
  String text(String path) throws IOException, InterruptedException {
    return send("viewer", "GET", path, null);
  }

  /**
   * @param user whose password is the same
   * @throws Refused with Belay's reason
   */
  JsonNode post(String user, String path, Map<String, ?> body)
      throws IOException, InterruptedException {
    return json.readTree(send(user, "POST", path, json.writeValueAsString(body)));
  }

  private String send(String user, String method, String path, String body)
      throws IOException, InterruptedException {
    String login =
        Base64.getEncoder().encodeToString((user + ":" + user).getBytes(StandardCharsets.UTF_8));
    HttpRequest.BodyPublisher content =
        body == null
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(body);
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(belay.resolve(path))
                .timeout(TIMEOUT)
                .header("Authorization", "Basic " + login)
                .header("Content-Type", "application/json")
                .method(method, content)
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() >= 500) {
      throw new IOException(method + " " + path + ": " + answer.statusCode());
    }
    if (answer.statusCode() >= 400) {
      throw new Refused(reason(answer));
    }
    return answer.body();
  }

  private String reason(HttpResponse<String> answer) {
    try {
      return json.readTree(answer.body()).path("detail").asText("status " + answer.statusCode());
    } catch (IOException e) {
      return "status " + answer.statusCode();
    }
  }
}
