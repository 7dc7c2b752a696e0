package io.belay.rollout;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.belay.target.RouterTarget;
import io.belay.target.TargetException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Speaks the gateway's administration API, bounded by the target's time-out. */
final class GatewayClient {

  /**
   * @param body of an answer with status 200 or 412
   * @param etag null when there was none
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
    try {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      int status = response.statusCode();
      if (status == 401) {
        throw new TargetException(
            target.describe()
                + " refuses the token; nothing was changed. Check the target's token");
      }
      JsonNode body = json.readTree(response.body());
      if (status != 200 && status != 412) {
        throw new TargetException(
            "%s answers %s with %d: %s"
                .formatted(target.describe(), call, status, body.path("detail").asText()));
      }
      return new Reply(status, body, response.headers().firstValue("ETag").orElse(null));
    } catch (JsonProcessingException e) {
      throw new TargetException(
          "%s does not answer %s as a gateway would; check the target's admin address"
              .formatted(target.describe(), call),
          e);
    } catch (IOException e) {
      throw new TargetException(
          ("%s cannot be asked (%s): %s. The traffic goes on as it was%s; check that the gateway"
                  + " runs and its admin address")
              .formatted(
                  target.describe(),
                  call,
                  e.getMessage() == null ? "connection refused" : e.getMessage(),
                  request.method().equals("GET") ? "" : ", or as it was told just now"),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TargetException(
          "interrupted while asking %s (%s)".formatted(target.describe(), call), e);
    }
  }
}
