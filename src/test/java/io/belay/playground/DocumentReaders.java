package io.belay.playground;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * An application that reads documents while they move, through Belay's query adapter: up to 25
 * questions a second for one document each. Knows what the legacy files said at first, and counts
 * each answer that is another.
 */
public final class DocumentReaders implements Closeable {

  private static final int PERIOD_MILLIS = 40;

  /** An application waits for its answers; without this a busy machine would pile questions up. */
  private static final int AT_ONCE = 2;

  private static final List<String> COLLECTIONS =
      List.of("users", "events", "bookings", "admin-users");

  /**
   * @param answered rightly
   * @param wrong not found, an error, or another document than there was
   * @param unanswered while Belay did not run
   * @param bySide right answers of the legacy files and of the new ones
   * @param firstWrong what the first wrong answer was; empty when there was none
   */
  public record Counts(
      long answered, long wrong, long unanswered, Map<String, Long> bySide, String firstWrong) {}

  private record Wanted(String collection, JsonNode document) {

    String path() {
      return "/api/migration/query/%s?id=%s&environment=playground"
          .formatted(collection, document.path("_id").asText());
    }
  }

  private final URI belay;
  private final JsonMapper json = new JsonMapper();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Wanted> all = new ArrayList<>();
  private final Map<String, Long> bySide = new TreeMap<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "playground-document-readers");
            thread.setDaemon(true);
            return thread;
          });
  private final Semaphore free = new Semaphore(AT_ONCE);
  private int next;
  private long answered;
  private long wrong;
  private long unanswered;
  private String firstWrong = "";

  /**
   * @param documents directory of the legacy files as they were at first
   */
  DocumentReaders(URI belay, Path documents) throws IOException {
    this.belay = belay;
    for (String collection : COLLECTIONS) {
      living(documents.resolve(collection + ".db"))
          .forEach(document -> all.add(new Wanted(collection, document)));
    }
    clock.scheduleAtFixedRate(this::ask, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** The last line of each document that was not deleted. */
  private List<JsonNode> living(Path file) throws IOException {
    Map<String, JsonNode> living = new LinkedHashMap<>();
    for (String line : Files.readAllLines(file)) {
      JsonNode document = json.readTree(line);
      if (document.path("$$deleted").asBoolean()) {
        living.remove(document.path("_id").asText());
      } else if (document.has("_id")) {
        living.put(document.path("_id").asText(), document);
      }
    }
    return List.copyOf(living.values());
  }

  private void ask() {
    if (!free.tryAcquire()) {
      return;
    }
    // A fixed stride visits the documents in a mixed order.
    next = (next + 7919) % all.size();
    Wanted wanted = all.get(next);
    HttpRequest request =
        HttpRequest.newBuilder(belay.resolve(wanted.path()))
            .timeout(Duration.ofSeconds(10))
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder()
                        .encodeToString("admin:admin".getBytes(StandardCharsets.UTF_8)))
            .build();
    client
        .sendAsync(request, HttpResponse.BodyHandlers.ofString())
        .whenComplete(
            (answer, failure) -> {
              free.release();
              count(wanted, answer);
            });
  }

  private synchronized void count(Wanted wanted, HttpResponse<String> answer) {
    if (answer == null) {
      unanswered++;
      return;
    }
    try {
      JsonNode read = json.readTree(answer.body());
      if (answer.statusCode() == 200 && isAsBefore(wanted.document(), read.path("document"))) {
        answered++;
        bySide.merge(read.path("side").asText(), 1L, Long::sum);
        return;
      }
    } catch (IOException e) {
      // not even JSON
    }
    wrong++;
    if (firstWrong.isEmpty()) {
      firstWrong = "%s: %d %s".formatted(wanted.path(), answer.statusCode(), answer.body());
    }
  }

  /** Compares what is text; other values may be written in more than one way. */
  private static boolean isAsBefore(JsonNode before, JsonNode now) {
    return before.properties().stream()
        .filter(field -> field.getValue().isTextual())
        .allMatch(field -> field.getValue().equals(now.get(field.getKey())));
  }

  /** What happened since the start or the last {@link #reset()}. */
  public synchronized Counts counts() {
    return new Counts(answered, wrong, unanswered, new TreeMap<>(bySide), firstWrong);
  }

  /** Starts to count anew. */
  public synchronized void reset() {
    answered = 0;
    wrong = 0;
    unanswered = 0;
    bySide.clear();
    firstWrong = "";
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
