package io.belay.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

/** Users who talk to Belay; the password of each is the name. */
final class People {

  /**
   * @param json a missing node when the body is none
   */
  record Answer(int status, String text, JsonNode json) {}

  private final ObjectMapper mapper = new ObjectMapper();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  HttpClient client() {
    return http;
  }

  Answer ask(String user, URI url) throws IOException, InterruptedException {
    return send(request(user, url).GET());
  }

  Answer tell(String user, URI url, Object body) throws IOException, InterruptedException {
    return send(request(user, url).POST(BodyPublishers.ofString(mapper.writeValueAsString(body))));
  }

  Answer tellByToken(String token, URI url, Object body) throws IOException, InterruptedException {
    return send(
        plain(url)
            .header("Authorization", "Bearer " + token)
            .POST(BodyPublishers.ofString(mapper.writeValueAsString(body))));
  }

  /** The same by an agent's process, which works on a step. */
  Answer tellByWorker(String token, String worker, URI url, Object body)
      throws IOException, InterruptedException {
    return send(
        plain(url)
            .header("Authorization", "Bearer " + token)
            .header("Belay-Worker", worker)
            .POST(BodyPublishers.ofString(mapper.writeValueAsString(body))));
  }

  Answer askByToken(String token, URI url) throws IOException, InterruptedException {
    return send(plain(url).header("Authorization", "Bearer " + token).GET());
  }

  HttpRequest.Builder request(String user, URI url) {
    return plain(url)
        .header(
            "Authorization",
            "Basic "
                + Base64.getEncoder()
                    .encodeToString((user + ":" + user).getBytes(StandardCharsets.UTF_8)));
  }

  private static HttpRequest.Builder plain(URI url) {
    return HttpRequest.newBuilder(url)
        .timeout(Duration.ofSeconds(30))
        .header("Content-Type", "application/json");
  }

  private Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
    boolean isJson = answer.headers().firstValue("Content-Type").orElse("").contains("json");
    return new Answer(
        answer.statusCode(),
        answer.body(),
        isJson ? mapper.readTree(answer.body()) : mapper.missingNode());
  }
}
