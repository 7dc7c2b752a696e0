package io.belay.face.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiPredicate;

/** Belay's REST interface, as one user. */
final class Api {

  /** Belay refused; the message is Belay's. */
  static final class Refused extends RuntimeException {
    final int status;

    Refused(int status, String message) {
      super(message);
      this.status = status;
    }
  }

  static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
  private final String url;
  private final String user;
  private final String authorization;

  private Api(String url, String user, String authorization) {
    this.url = url.replaceAll("/+$", "");
    this.user = user;
    this.authorization = authorization;
  }

  static Api byPassword(String url, String user, String password) {
    byte[] login = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return new Api(url, user, "Basic " + Base64.getEncoder().encodeToString(login));
  }

  static Api byToken(String url, String token) {
    return new Api(url, "the owner of the token", "Bearer " + token);
  }

  String url() {
    return url;
  }

  String user() {
    return user;
  }

  JsonNode get(String path) throws IOException, InterruptedException {
    return send(request(path).GET());
  }

  JsonNode post(String path, JsonNode body) throws IOException, InterruptedException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body.toString())));
  }

  /**
   * Deploys models through the engine's own interface.
   *
   * @param models content by name
   */
  JsonNode deploy(String name, Map<String, byte[]> models)
      throws IOException, InterruptedException {
    String boundary = "models-" + UUID.randomUUID();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    part(body, boundary, "deployment-name", null, name.getBytes(StandardCharsets.UTF_8));
    part(body, boundary, "enable-duplicate-filtering", null, new byte[] {'t', 'r', 'u', 'e'});
    models.forEach((file, content) -> part(body, boundary, file, file, content));
    body.writeBytes(("--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII));
    return send(
        request("/engine-rest/deployment/create")
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(BodyPublishers.ofByteArray(body.toByteArray())));
  }

  private static void part(
      ByteArrayOutputStream body, String boundary, String name, String file, byte[] content) {
    String head =
        "--%s\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n"
            .formatted(boundary, name, file == null ? "" : "; filename=\"" + file + "\"");
    body.writeBytes(head.getBytes(StandardCharsets.UTF_8));
    body.writeBytes(content);
    body.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * Reads server-sent events until the consumer has enough or the stream ends.
   *
   * @param consumer receives name and data; returns false to stop
   * @return the id of the last event that had one
   */
  String events(String path, String afterId, BiPredicate<String, JsonNode> consumer)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Authorization", authorization)
            .header("Accept", "text/event-stream")
            .header("Last-Event-ID", afterId)
            .GET()
            .build();
    HttpResponse<InputStream> answer = http.send(request, BodyHandlers.ofInputStream());
    String last = afterId;
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      if (answer.statusCode() != 200) {
        throw refusal(answer.statusCode(), lines.lines().reduce("", String::concat));
      }
      String name = "";
      StringBuilder data = new StringBuilder();
      String id = null;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.isEmpty()) {
          boolean more = data.isEmpty() || consumer.test(name, JSON.readTree(data.toString()));
          last = id == null ? last : id;
          if (!more) {
            return last;
          }
          name = "";
          id = null;
          data.setLength(0);
        } else if (line.startsWith("event:")) {
          name = line.substring(6).strip();
        } else if (line.startsWith("data:")) {
          data.append(line.substring(5));
        } else if (line.startsWith("id:")) {
          id = line.substring(3).strip();
        }
      }
    }
    return last;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url + path))
        .header("Authorization", authorization)
        .header("Accept", "application/json")
        .timeout(PATIENCE);
  }

  private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
    if (answer.statusCode() >= 300) {
      throw refusal(answer.statusCode(), answer.body());
    }
    return answer.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(answer.body());
  }

  private Refused refusal(int status, String body) {
    String detail = "";
    try {
      JsonNode problem = JSON.readTree(body);
      detail = problem.path("detail").asText(problem.path("message").asText(""));
    } catch (IOException notJson) {
      // the status says enough
    }
    return new Refused(
        status,
        status == 401
            ? "%s does not let %s in: the password is wrong, or the token has ended"
                .formatted(url, user)
            : detail.isEmpty() ? "%s answered with status %d".formatted(url, status) : detail);
  }
}
