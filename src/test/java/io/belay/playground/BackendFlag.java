package io.belay.playground;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.belay.split.Rollout;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * The flag as the backend application sees it: asked for at the flag service several times a
 * second. While that does not answer, what it said last stays.
 */
final class BackendFlag {

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();
  private final HttpRequest request;
  private final LongAdder withoutKey = new LongAdder();
  private volatile String text = "false";
  private volatile boolean reachable;

  BackendFlag(Map<String, String> env) {
    request =
        HttpRequest.newBuilder(URI.create(env.get("FLAG_SERVICE_URL") + "/flags"))
            .header("Authorization", "Bearer " + env.get("FLAG_SERVICE_KEY"))
            .timeout(PATIENCE)
            .build();
  }

  void refresh() {
    try {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      JsonNode flags = new JsonMapper().readTree(answer.body());
      reachable = answer.statusCode() == 200;
      if (reachable) {
        text = flags.path(FlagService.FLAG).asText("false");
      }
    } catch (IOException e) {
      reachable = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the flag service answered when it was asked last. */
  boolean isReachable() {
    return reachable;
  }

  /**
   * Whether the user gets the new implementation.
   *
   * @param user null when the request names none
   */
  boolean includes(String user) {
    String now = text;
    return now.startsWith("percent=")
        ? Rollout.valueOf(now).includes(user, withoutKey)
        : now.equals("true");
  }

  /** Requests of which nobody knows whose they are, so that they got the old implementation. */
  long withoutKey() {
    return withoutKey.sum();
  }
}
