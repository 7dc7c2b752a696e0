package io.belay.target;

import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.stereotype.Component;

/**
 * Asks a service over HTTP/1.1 and returns its answer. Every answer is bounded in time, from the
 * first byte sent to the last byte read, and in size (cut off at 1 MiB). No answer is an {@link
 * Answer} too, never an exception. Redirects are not followed.
 */
@Component
public final class HttpProbe {

  /**
   * @param status HTTP status; 0 when there was none
   * @param millis until the answer was read or given up
   * @param failure why there was no answer; null when there was one
   */
  public record Answer(
      URI uri,
      int status,
      HttpHeaders headers,
      double millis,
      BoundedBody.Content content,
      String failure) {

    /** As UTF-8. */
    public String body() {
      return content.text();
    }

    /** False when the body was cut, or may have been. */
    public boolean whole() {
      return content.whole();
    }

    public boolean answered() {
      return status > 0;
    }

    /** Whether the status is 2xx. */
    public boolean ok() {
      return status >= 200 && status < 300;
    }

    /** For example {@code http://v2/health: 503} or {@code …: no answer within 5 s}. */
    public String describe() {
      return uri + ": " + (answered() ? Integer.toString(status) : failure);
    }
  }

  private static final HttpHeaders NO_HEADERS = HttpHeaders.of(Map.of(), (name, value) -> true);

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * @param base address without a trailing slash
   * @param path begins with a slash
   */
  public Answer get(URI base, String path, Duration timeout) {
    return getAsync(base, path, timeout).join();
  }

  /** Completes within the time-out, never exceptionally. */
  public CompletableFuture<Answer> getAsync(URI base, String path, Duration timeout) {
    URI uri = URI.create(base + path);
    return send(HttpRequest.newBuilder(uri).GET(), uri, timeout);
  }

  /** Posts a JSON body. */
  public Answer postJson(URI base, String path, String json, Duration timeout) {
    URI uri = URI.create(base + path);
    return send(
            HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)),
            uri,
            timeout)
        .join();
  }

  /** Sends any request; completes within the time-out, never exceptionally. */
  public CompletableFuture<Answer> send(HttpRequest.Builder request, URI uri, Duration timeout) {
    long started = System.nanoTime();
    HttpRequest bounded = request.timeout(timeout).build();
    CompletableFuture<HttpResponse<BoundedBody.Content>> exchange =
        client.sendAsync(bounded, BoundedBody::new);
    return exchange
        .copy()
        // The request's own time-out ends when the headers arrive; this one covers the body.
        .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .handle(
            (response, failure) -> {
              double millis = (System.nanoTime() - started) / 1e6;
              if (failure == null) {
                return new Answer(
                    uri, response.statusCode(), response.headers(), millis, response.body(), null);
              }
              exchange.cancel(true);
              return new Answer(
                  uri, 0, NO_HEADERS, millis, BoundedBody.Content.NONE, reason(failure, timeout));
            });
  }

  /**
   * Waits for an answer; a cancellation ends the wait.
   *
   * @throws java.util.concurrent.CancellationException when the step is cancelled
   */
  @SuppressWarnings("try") // the registration is only to be closed
  public static Answer await(CompletableFuture<Answer> answer, Cancellation cancellation) {
    try (AutoCloseable registration = cancellation.onCancel(() -> answer.cancel(true))) {
      return answer.join();
    } catch (RuntimeException e) {
      cancellation.throwIfCancelled();
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static String reason(Throwable failure, Duration timeout) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof TimeoutException || cause instanceof HttpTimeoutException) {
      return "no answer within %.1f s".formatted(timeout.toMillis() / 1000.0);
    }
    if (cause instanceof ConnectException) {
      return "connection refused or unreachable";
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }
}
