package io.belay.capability.configuration;

import io.belay.step.StepContext;
import io.belay.step.ValueStore;
import io.belay.target.HttpProbe;
import io.belay.target.HttpTarget;
import io.belay.target.TargetException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Values of a REST service: one JSON document, of which a member of one object is the value. The
 * document is read with GET and put back whole with PUT, without any other change. A value is the
 * same however the service writes it.
 */
final class HttpValues implements ValueStore {

  /** What stands in a text for bytes that are not UTF-8. */
  private static final char UNREADABLE = '\uFFFD';

  private final HttpProbe http;
  private final HttpTarget server;
  private final ValuesTarget target;
  private final StepContext context;

  HttpValues(HttpProbe http, HttpTarget server, ValuesTarget target, StepContext context) {
    this.http = http;
    this.server = server;
    this.target = target;
    this.context = context;
  }

  private JsonText document() {
    String body = send("GET", null).body();
    try {
      if (body.indexOf(UNREADABLE) >= 0) {
        throw new TargetException("it is not UTF-8, so the rest of it could not be put back");
      }
      return JsonText.of(body, target.object());
    } catch (TargetException e) {
      throw new TargetException(
          "the answer of %s: %s; nothing was changed".formatted(target.describe(), e.getMessage()),
          e);
    }
  }

  @Override
  public Map<String, String> read(Collection<String> keys) {
    JsonText document = document();
    Map<String, String> values = new TreeMap<>();
    keys.forEach(key -> values.put(key, JsonText.canonical(document.value(key))));
    return values;
  }

  @Override
  public Map<String, String> plain(Collection<String> keys) {
    Map<String, String> values = read(keys);
    values.replaceAll((key, value) -> JsonText.plain(value));
    return values;
  }

  @Override
  public String stored(String value) {
    return JsonText.canonical(JsonText.stored(value));
  }

  @Override
  public void write(Map<String, String> values) {
    JsonText before = document();
    JsonText document = before;
    for (Map.Entry<String, String> value : values.entrySet()) {
      String now = JsonText.canonical(document.value(value.getKey()));
      if (!Objects.equals(now, value.getValue())) {
        document = document.with(value.getKey(), value.getValue());
      }
    }
    if (!document.toString().equals(before.toString())) {
      context.cancellation().throwIfCancelled();
      send("PUT", document.toString());
    }
  }

  private HttpProbe.Answer send(String method, String body) {
    URI uri = URI.create(server.url() + target.path());
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    server.headers().forEach((header, value) -> request.setHeader(header, value.reveal()));
    request.setHeader("X-Belay-Fence", Long.toString(context.fence()));
    if (body != null) {
      request.setHeader("Content-Type", "application/json");
    }
    request.method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    HttpProbe.Answer answer = await(http.send(request, uri, server.timeout()));
    if (!answer.ok() || method.equals("GET") && !answer.whole()) {
      throw new TargetException(
          "%s %s%s; %s"
              .formatted(
                  method,
                  answer.describe(),
                  answer.ok() ? ": its answer is too long" : "",
                  body == null
                      ? "the value there is not known, and nothing was changed"
                      : "whether it took effect is not known; the next attempt sets it again"));
    }
    return answer;
  }

  @SuppressWarnings("try") // the registration is only to be closed
  private HttpProbe.Answer await(CompletableFuture<HttpProbe.Answer> answer) {
    try (AutoCloseable registration = context.cancellation().onCancel(() -> answer.cancel(true))) {
      return answer.join();
    } catch (RuntimeException e) {
      context.cancellation().throwIfCancelled();
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
