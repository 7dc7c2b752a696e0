package io.belay.face.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CancellationException;

/**
 * Talks to Belay with a short-lived token, which it renews before expiry. Important calls are
 * repeated for a while, since Belay may be restarting, or one of its nodes may be gone.
 */
class BelayClient {

  /** Belay refused; the message is Belay's. */
  static final class RefusedByBelay extends RuntimeException {

    private final int status;

    RefusedByBelay(int status, String message) {
      super(message);
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

  /** Longer makes no sense: by then the step's lock is lost. */
  private static final Duration SAY_AGAIN_FOR = Duration.ofSeconds(20);

  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Set<Integer> NOT_THERE = Set.of(502, 503, 504);
  private static final Set<Integer> GONE = Set.of(404, 409);

  private final AgentProperties agent;
  private final ObjectMapper json;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private String token;
  private long renewAt;

  BelayClient(AgentProperties agent, ObjectMapper json) {
    this.agent = agent;
    this.json = json;
  }

  /**
   * Asks once.
   *
   * @param worker this process; null if that does not matter
   * @param body null for none
   * @return the answer; a missing node when it has no body
   * @throws NoSuchElementException when the object of the call is gone, or somebody else's
   * @throws RefusedByBelay when Belay refused
   * @throws UncheckedIOException when Belay did not answer
   */
  JsonNode once(String method, String path, String worker, Object body) {
    try {
      HttpResponse<String> answer = send(method, path, worker, body, token(false));
      if (answer.statusCode() == 401) {
        answer = send(method, path, worker, body, token(true));
      }
      return read(answer);
    } catch (IOException e) {
      throw new UncheckedIOException("Belay at %s does not answer".formatted(agent.url()), e);
    }
  }

  /**
   * Asks until there is an answer, but not longer than a lock lasts. The call must be idempotent.
   */
  JsonNode persistently(String method, String path, String worker, Object body) {
    long deadline = System.nanoTime() + SAY_AGAIN_FOR.toNanos();
    while (true) {
      try {
        return once(method, path, worker, body);
      } catch (UncheckedIOException silence) {
        if (System.nanoTime() > deadline) {
          throw silence;
        }
        pause();
      }
    }
  }

  private JsonNode read(HttpResponse<String> answer) throws IOException {
    int status = answer.statusCode();
    if (NOT_THERE.contains(status)) {
      throw new IOException("status " + status);
    }
    if (GONE.contains(status)) {
      throw new NoSuchElementException(message(answer));
    }
    if (status >= 300) {
      throw new RefusedByBelay(
          status, "Belay refused with status %d: %s".formatted(status, message(answer)));
    }
    return answer.body().isBlank() ? json.missingNode() : json.readTree(answer.body());
  }

  /**
   * The message of a refusal: {@code detail} from Belay's own interface, {@code message} from the
   * engine's.
   */
  private String message(HttpResponse<String> answer) {
    try {
      JsonNode problem = json.readTree(answer.body());
      String text = problem.path("detail").asText(problem.path("message").asText());
      return text.isEmpty() ? "no reason given" : text;
    } catch (JsonProcessingException e) {
      return "no reason given";
    }
  }

  private HttpResponse<String> send(
      String method, String path, String worker, Object body, String bearer) throws IOException {
    HttpRequest.Builder request = request(path).header("Authorization", "Bearer " + bearer);
    if (worker != null) {
      request.header("Belay-Worker", worker);
    }
    return send(request.method(method, publisher(body)).build());
  }

  private BodyPublisher publisher(Object body) {
    try {
      return body == null
          ? BodyPublishers.noBody()
          : BodyPublishers.ofString(json.writeValueAsString(body));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("cannot be written as JSON", e);
    }
  }

  private synchronized String token(boolean anew) throws IOException {
    if (anew || token == null || System.nanoTime() - renewAt > 0) {
      String credentials = agent.name() + ":" + agent.password().reveal();
      HttpRequest login =
          request("/api/tokens")
              .header(
                  "Authorization",
                  "Basic "
                      + Base64.getEncoder()
                          .encodeToString(credentials.getBytes(StandardCharsets.UTF_8)))
              .POST(BodyPublishers.ofString(json.writeValueAsString(Map.of())))
              .build();
      JsonNode issued = read(send(login));
      token = issued.path("access_token").asText();
      long life = Duration.ofSeconds(issued.path("expires_in").asLong()).toNanos();
      renewAt = System.nanoTime() + life * 2 / 3;
    }
    return token;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(agent.url().resolve(path))
        .timeout(ANSWER_WITHIN)
        .header("Content-Type", "application/json")
        .header("Accept", "application/json, application/problem+json");
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException {
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }
}
