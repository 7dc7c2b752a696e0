package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** A browser, as Belay sees it: cookies, and the token against forged requests. */
final class Session {

  private final Caller caller;
  private final CookieManager cookies = new CookieManager();
  private final HttpClient http = HttpClient.newBuilder().cookieHandler(cookies).build();

  Session(Caller caller) {
    this.caller = caller;
  }

  HttpResponse<String> get(String path) throws Exception {
    return get(path, "*/*");
  }

  HttpResponse<String> get(String path, String accept) throws Exception {
    return http.send(
        HttpRequest.newBuilder(caller.uri(path)).header("Accept", accept).build(),
        BodyHandlers.ofString());
  }

  HttpResponse<String> login(String user, String password) throws Exception {
    get("/login");
    return http.send(
        HttpRequest.newBuilder(caller.uri("/login"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(
                BodyPublishers.ofString(
                    "username=%s&password=%s&_csrf=%s"
                        .formatted(
                            user, password, URLEncoder.encode(token(), StandardCharsets.UTF_8))))
            .build(),
        BodyHandlers.ofString());
  }

  HttpResponse<String> post(String path, boolean withToken) throws Exception {
    get("/login");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(caller.uri(path)).POST(BodyPublishers.noBody());
    if (withToken) {
      request.header("X-BELAY-XSRF", token());
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  /** Everything that the stream says until it ends; it has begun by now. */
  CompletableFuture<byte[]> follow(String path) throws Exception {
    var answer =
        http.send(
            HttpRequest.newBuilder(caller.uri(path)).header("Accept", "text/event-stream").build(),
            BodyHandlers.ofInputStream());
    assertThat(answer.statusCode()).isEqualTo(200);
    return toItsEnd(answer.body());
  }

  static CompletableFuture<byte[]> toItsEnd(InputStream stream) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (stream) {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** A change through the webapps' own interface, with their token against forged requests. */
  HttpResponse<String> webapps(String method, String path, String body) throws Exception {
    String engine = path.replaceFirst("^/engine/engine/([^/]+)/.*|.*", "$1");
    get("/camunda/app/tasklist/%s/".formatted(engine.isEmpty() ? "default" : engine));
    return http.send(
        HttpRequest.newBuilder(caller.uri("/camunda/api" + path))
            .header("Content-Type", "application/json")
            .header("X-XSRF-TOKEN", cookie("XSRF-TOKEN"))
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  /** As the pages do: with the token against forged requests. */
  HttpResponse<String> send(String method, String path, String json) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(caller.uri(path)).header("X-BELAY-XSRF", token());
    if (json != null) {
      request.header("Content-Type", "application/json");
    }
    request.method(method, json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private String token() {
    return cookie("BELAY-XSRF");
  }

  String cookie(String name) {
    return cookies.getCookieStore().getCookies().stream()
        .filter(cookie -> cookie.getName().equals(name))
        .map(HttpCookie::getValue)
        .findFirst()
        .orElse("");
  }
}
