package io.belay.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;

/**
 * Asks the gateway itself, every few milliseconds, where the users' requests go and what becomes of
 * them. What has happened is dated to the look before it where a clock starts and to the look that
 * saw it where one stops, so that no duration comes out too short.
 */
final class GatewayWatch extends Thread {

  private static final long BETWEEN_MILLIS = 5;
  private static final Duration QUIET = Duration.ofMillis(500);

  private final HttpClient client = HttpClient.newHttpClient();
  private final JsonMapper json = JsonMapper.builder().build();
  private final URI administration;
  private final String token;
  private volatile boolean running = true;
  private volatile Exception failure;
  private volatile Instant failing;
  private volatile Instant restored;
  private volatile Instant lastAnswer;

  /** Begins to watch. Some traffic goes to the candidate. */
  GatewayWatch(URI administration, String token) {
    super("gateway-watch");
    this.administration = administration;
    this.token = token;
    setDaemon(true);
    start();
  }

  @Override
  public void run() {
    try {
      long answered = -1;
      long failed = -1;
      Instant before = Instant.now();
      while (running) {
        JsonNode candidate = get("/statistics").path("sides").path("candidate");
        Instant now = Instant.now();
        if (failing == null && failed >= 0 && candidate.path("status5xx").asLong() > failed) {
          failing = before;
        }
        if (answered >= 0 && candidate.path("requests").asLong() > answered) {
          lastAnswer = now;
        }
        failed = candidate.path("status5xx").asLong();
        answered = candidate.path("requests").asLong();
        boolean restoredNow = get("/routes").path("routes").path(0).path("weight").asInt(-1) == 0;
        if (restored == null && restoredNow) {
          restored = Instant.now();
        }
        before = now;
        Thread.sleep(BETWEEN_MILLIS);
      }
    } catch (IOException | InterruptedException e) {
      failure = e;
    }
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(administration.resolve(path))
            .timeout(Duration.ofSeconds(10))
            .header("Authorization", "Bearer " + token)
            .build();
    return json.readTree(client.send(request, HttpResponse.BodyHandlers.ofString()).body());
  }

  /** Whether the routes lead to the baseline alone, and no answer of the candidate is to come. */
  boolean isRestored() {
    if (failure != null) {
      throw new IllegalStateException("the gateway cannot be watched", failure);
    }
    return restored != null && Instant.now().isAfter(end().plus(QUIET));
  }

  /** When the first request failed that the gateway had sent to the candidate; null: none did. */
  Instant failing() {
    return failing;
  }

  /** When the routes led to the baseline alone, and the candidate had given its last answer. */
  Instant end() {
    return lastAnswer != null && lastAnswer.isAfter(restored) ? lastAnswer : restored;
  }

  /** Ends it, and waits for that. */
  void finish() throws InterruptedException {
    running = false;
    join();
  }
}
