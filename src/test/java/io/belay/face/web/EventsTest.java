package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@WebTest
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class EventsTest {

  record Event(String id, String name, String data) {}

  @Autowired Caller caller;
  @Autowired Journal journal;
  @Autowired PlatformTransactionManager transactions;

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void stream_tellsEverythingOnceAndEndsWithTheRun() throws Exception {
    String run = caller.start("\"count\":60,\"pause\":\"PT0.02S\"");
    CompletableFuture<List<Event>> live = CompletableFuture.supplyAsync(() -> events(run, "0"));
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    caller.end(run);

    List<Event> events = live.get(30, TimeUnit.SECONDS);
    assertThat(events).extracting(Event::name).contains("journal", "progress", "status");
    assertThat(events.get(events.size() - 1).name()).isEqualTo("end");
    assertThat(events.get(events.size() - 1).data()).contains("ROLLED_BACK");
    List<String> ids = ids(events);
    assertThat(ids).doesNotHaveDuplicates();
    assertThat(ids)
        .hasSameSizeAs(caller.get("vera", "/api/runs/" + run + "/journal?limit=5000").body());

    String middle = ids.get(ids.size() / 2);
    assertThat(ids(events(run, middle)))
        .doesNotHaveDuplicates()
        .containsAll(ids.subList(ids.size() / 2 + 1, ids.size()));
  }

  @Test
  void entryThatAppearsLate_isToldToWhoComesBack() throws Exception {
    String run = caller.startUntilDecision();
    CountDownLatch written = new CountDownLatch(1);
    CountDownLatch seen = new CountDownLatch(1);
    CompletableFuture<Void> slow =
        CompletableFuture.runAsync(
            () ->
                new TransactionTemplate(transactions)
                    .executeWithoutResult(
                        status -> {
                          journal.append(JournalEntry.of(run, Kind.LOG, "I was slow"));
                          written.countDown();
                          await(seen);
                        }));
    await(written);
    journal.appendNow(JournalEntry.of(run, Kind.LOG, "I was quick"));
    long last =
        journal.entries(run, 0, 5000).stream().mapToLong(JournalEntry::id).max().orElseThrow();
    seen.countDown();
    slow.join();
    caller.end(run);

    assertThat(events(run, Long.toString(last)))
        .extracting(Event::data)
        .anyMatch(data -> data.contains("I was slow"));
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void manyClients_areServedAtOnce() throws Exception {
    String run = caller.startUntilDecision();
    caller.end(run);
    List<CompletableFuture<List<Event>>> all =
        IntStream.range(0, 100)
            .mapToObj(i -> CompletableFuture.supplyAsync(() -> events(run, "0")))
            .toList();
    for (CompletableFuture<List<Event>> one : all) {
      List<Event> events = one.get(60, TimeUnit.SECONDS);
      assertThat(events.get(events.size() - 1).name()).isEqualTo("end");
    }
  }

  @Test
  void wrongLastEventId_isABadRequest() {
    String run = caller.startUntilDecision();
    caller.end(run);
    for (String id : new String[] {"x", "-1", "99999999999999999999"}) {
      caller
          .send(
              "vera",
              HttpRequest.newBuilder(caller.uri("/api/runs/" + run + "/events"))
                  .header("Last-Event-ID", id))
          .is(400);
    }
  }

  private static List<String> ids(List<Event> events) {
    return events.stream().map(Event::id).filter(id -> id != null).toList();
  }

  private List<Event> events(String run, String after) {
    HttpRequest request =
        HttpRequest.newBuilder(caller.uri("/api/runs/" + run + "/events"))
            .timeout(Duration.ofSeconds(60))
            .header("Last-Event-ID", after)
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder()
                        .encodeToString("vera:vera".getBytes(StandardCharsets.UTF_8)))
            .build();
    List<Event> events = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                http.send(request, BodyHandlers.ofInputStream()).body(), StandardCharsets.UTF_8))) {
      String id = null;
      String name = "";
      String data = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.isEmpty() && !name.isEmpty()) {
          events.add(new Event(id, name, data));
          id = null;
          name = "";
        } else if (line.startsWith("id:")) {
          id = line.substring(3).strip();
        } else if (line.startsWith("event:")) {
          name = line.substring(6).strip();
        } else if (line.startsWith("data:")) {
          data = line.substring(5);
        }
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    return events;
  }
}
