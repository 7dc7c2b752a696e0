package io.belay.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A run that waits for an approval, and those who watch it. */
final class WatchedRun implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 60;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ObjectMapper json = new ObjectMapper();
  private final ExecutorService watchers = Executors.newCachedThreadPool();
  private final URI belay;
  private final String id;
  private final String task;
  private CountDownLatch ended;

  /** Starts it; returns when it waits. */
  WatchedRun(URI belay) throws IOException, InterruptedException {
    this.belay = belay;
    id =
        post(
                BelayInside.OPERATOR,
                "/api/runs",
                "{\"runbook\":\"%s\",\"parameters\":{\"environment\":\"parked-0\"}}"
                    .formatted(ParkedRuns.AT_APPROVAL))
            .path("id")
            .asText();
    JsonNode tasks = json.createArrayNode();
    while (tasks.isEmpty()) {
      Thread.sleep(200);
      tasks = send(request(BelayInside.APPROVER, "/api/tasks?run=" + id).build());
    }
    task = tasks.at("/0/task/id").asText();
  }

  /** Returns when each was told how the run stands, and some seconds have passed. */
  void open(int streams) throws InterruptedException {
    CountDownLatch told = new CountDownLatch(streams);
    ended = new CountDownLatch(streams);
    HttpRequest request =
        request(BelayInside.OPERATOR, "/api/runs/%s/events".formatted(id))
            .header("Accept", "text/event-stream")
            .build();
    for (int i = 0; i < streams; i++) {
      watchers.execute(() -> watch(request, told, ended));
    }
    await(told, "was told the status");
    TimeUnit.SECONDS.sleep(15);
  }

  private void watch(HttpRequest request, CountDownLatch told, CountDownLatch ended) {
    try {
      HttpResponse<Stream<String>> answer = http.send(request, BodyHandlers.ofLines());
      if (answer.statusCode() != 200) {
        System.err.println("A stream was refused: " + answer.statusCode());
        return;
      }
      answer
          .body()
          .forEach(
              line -> {
                if (line.equals("event:status")) {
                  told.countDown();
                } else if (line.equals("event:end")) {
                  ended.countDown();
                }
              });
    } catch (IOException e) {
      System.err.println("A stream broke off: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Seconds from the approval, with which the run ends, until all were told. */
  double end() throws IOException, InterruptedException {
    long begin = System.nanoTime();
    post(
        BelayInside.APPROVER,
        "/api/tasks/%s/complete".formatted(task),
        "{\"values\":{\"decision\":\"go\",\"reason\":\"seen by all\"}}");
    await(ended, "was told the end");
    return (System.nanoTime() - begin) / 1e9;
  }

  private static void await(CountDownLatch all, String what) throws InterruptedException {
    if (!all.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          "%d of the streams: none %s within %d s"
              .formatted(all.getCount(), what, PATIENCE_SECONDS));
    }
  }

  private JsonNode post(String user, String path, String body)
      throws IOException, InterruptedException {
    return send(
        request(user, path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build());
  }

  private HttpRequest.Builder request(String user, String path) {
    return HttpRequest.newBuilder(belay.resolve(path))
        .header("Authorization", ScaleBenchmark.authorization(user));
  }

  private JsonNode send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    if (answer.statusCode() >= 300) {
      throw new IllegalStateException(
          "%s: %d %s".formatted(request.uri(), answer.statusCode(), answer.body()));
    }
    return answer.body().isEmpty() ? json.missingNode() : json.readTree(answer.body());
  }

  @Override
  public void close() {
    watchers.shutdownNow();
  }
}
