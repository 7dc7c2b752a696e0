package io.belay.capability.rollout;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.belay.target.BoundedBody;
import io.belay.target.RouterTarget;
import io.belay.target.TargetException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A client of the gateway's administration API, bounded by the target's time-out. */
final class GatewayClient {

  /**
   * @param body of an answer with status 200 or 412
   * @param etag null if there was none
   */
  record Reply(int status, JsonNode body, String etag) {

    boolean conflict() {
      return status == 412;
    }
  }

  private final JsonMapper json = JsonMapper.builder().build();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  Reply get(RouterTarget target, String path) {
    return send(target, HttpRequest.newBuilder(uri(target, path)).GET());
  }

  /** A conflict is a reply; any other refusal is an exception. */
  Reply put(RouterTarget target, String path, JsonNode body, String etag, long fence) {
    return send(
        target,
        HttpRequest.newBuilder(uri(target, path))
            .header("If-Match", etag)
            .header("X-Belay-Fence", Long.toString(fence))
            .PUT(HttpRequest.BodyPublishers.ofString(body.toString())));
  }

  Reply post(RouterTarget target, String path, long fence) {
    return send(
        target,
        HttpRequest.newBuilder(uri(target, path))
            .header("X-Belay-Fence", Long.toString(fence))
            .POST(HttpRequest.BodyPublishers.noBody()));
  }

  private static URI uri(RouterTarget target, String path) {
    return URI.create(target.admin().toString().replaceAll("/+$", "") + path);
  }

  private Reply send(RouterTarget target, HttpRequest.Builder builder) {
    HttpRequest request =
        builder
            .header("Authorization", "Bearer " + target.token().reveal())
            .timeout(target.timeout())
            .build();
    String call = request.method() + " " + request.uri().getPath();
    CompletableFuture<HttpResponse<BoundedBody.Content>> exchange =
        client.sendAsync(request, BoundedBody::new);
    try {
      // The request's own time-out ends when the headers arrive; this one covers the body.
      return reply(target, call, exchange.get(target.timeout().toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      exchange.cancel(true);
      throw unreachable(target, request, "no answer within " + target.timeout(), e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw unreachable(
          target,
          request,
          cause instanceof HttpTimeoutException
              ? "no answer within " + target.timeout()
              : cause.getMessage() == null ? "connection refused" : cause.getMessage(),
          cause);
    } catch (InterruptedException e) {
      exchange.cancel(true);
      Thread.currentThread().interrupt();
      throw new TargetException(
          "interrupted while asking %s (%s)".formatted(target.describe(), call), e);
    }
  }

  private Reply reply(
      RouterTarget target, String call, HttpResponse<BoundedBody.Content> response) {
    int status = response.statusCode();
    if (status == 401) {
      throw new TargetException(
          target.describe() + " refuses the token; nothing was changed. Check the target's token");
    }
    JsonNode body;
    try {
      body = json.readTree(response.body().text());
    } catch (JsonProcessingException e) {
      throw new TargetException(
          "%s does not answer %s as a gateway would; check the target's admin address"
              .formatted(target.describe(), call),
          e);
    }
    if (status != 200 && status != 412) {
      throw new TargetException(
          "%s answers %s with %d: %s"
              .formatted(target.describe(), call, status, body.path("detail").asText()));
    }
    return new Reply(status, body, response.headers().firstValue("ETag").orElse(null));
  }

  private static TargetException unreachable(
      RouterTarget target, HttpRequest request, String why, Throwable cause) {
    return new TargetException(
        "%s cannot be asked (%s %s): %s. The traffic goes on as it was%s; check that the gateway runs and its admin address"
            .formatted(
                target.describe(),
                request.method(),
                request.uri().getPath(),
                why,
                request.method().equals("GET") ? "" : ", or as it was told just now"),
        cause);
  }
}
