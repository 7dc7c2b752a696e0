package io.belay.nodes;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** Somebody who watches a run, as a browser does: goes on after the last event that it saw. */
final class LiveStream {

  private final People people;
  private final String path;
  private final List<Long> ids = new CopyOnWriteArrayList<>();

  LiveStream(People people, String path) {
    this.people = people;
    this.path = path;
  }

  /** Reads events at that node until one is as wanted. */
  void read(NodeProcess node, Predicate<String> enough) {
    try {
      HttpResponse<InputStream> answer =
          people
              .client()
              .send(
                  people
                      .request("vera", node.url().resolve(path))
                      .header("Accept", "text/event-stream")
                      .header("Last-Event-ID", String.valueOf(lastId()))
                      .build(),
                  BodyHandlers.ofInputStream());
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith("id:")) {
            Long id = Long.valueOf(line.substring(3).strip());
            if (!ids.contains(id)) { // entries of the last half minute come again
              ids.add(id);
            }
          }
          if (enough.test(line)) {
            return;
          }
        }
      }
      throw new IllegalStateException("the stream ended after " + ids);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("the stream broke off after " + ids, e);
    }
  }

  /** Ids of all that was told, in that order. */
  List<Long> ids() {
    return ids;
  }

  long lastId() {
    return ids.isEmpty() ? 0 : ids.get(ids.size() - 1);
  }
}
