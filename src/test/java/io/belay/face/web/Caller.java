package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Set;
import org.springdoc.webmvc.api.OpenApiWebMvcResource;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;

/** Calls Belay over HTTP, as its clients do. */
@TestConfiguration(proxyBeanMethods = false)
@TestComponent
class Caller {

  /** An answer. */
  record Answer(int status, JsonNode body, String text, HttpResponse<String> raw) {

    String type() {
      return raw.headers().firstValue("Content-Type").orElse("");
    }

    Answer is(int expected) {
      assertThat(status).as(text).isEqualTo(expected);
      if (expected >= 400) {
        assertThat(type()).as(text).startsWith("application/problem+json");
        assertThat(body.path("detail").asText()).as(text).isNotBlank();
        assertThat(text).doesNotContain("org.camunda", "java.lang", "Exception");
      }
      return this;
    }
  }

  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper json;
  private final ServletWebServerApplicationContext server;
  private OpenApiContract contract;

  Caller(ObjectMapper json, ServletWebServerApplicationContext server) {
    this.json = json;
    this.server = server;
  }

  URI uri(String path) {
    return URI.create("http://localhost:" + server.getWebServer().getPort() + path);
  }

  Answer get(String user, String path) {
    return send(user, HttpRequest.newBuilder(uri(path)).GET());
  }

  Answer post(String user, String path, String body) {
    return send(
        user,
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  /**
   * @param user whose password is the same; null for nobody
   */
  Answer send(String user, HttpRequest.Builder request) {
    if (user != null) {
      request.header(
          "Authorization",
          "Basic "
              + Base64.getEncoder()
                  .encodeToString((user + ":" + user).getBytes(StandardCharsets.UTF_8)));
    }
    try {
      HttpResponse<String> answer =
          http.send(request.timeout(Duration.ofSeconds(60)).build(), BodyHandlers.ofString());
      keepsItsPromise(answer);
      return new Answer(answer.statusCode(), parse(answer), answer.body(), answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Compares an answer of the REST interface with the published OpenAPI document. */
  synchronized void keepsItsPromise(HttpResponse<?> answer) throws IOException {
    if (contract == null) {
      contract = OpenApiContract.of(server.getBean(OpenApiWebMvcResource.class));
    }
    contract.check(answer);
  }

  /** A token that the user just got, with the password that is the name. */
  String token(String user) {
    return post(user, "/api/tokens", "{}").is(200).body().path("access_token").asText();
  }

  HttpRequest.Builder byToken(String user, HttpRequest.Builder request) {
    return request.header("Authorization", "Bearer " + token(user));
  }

  Answer getByToken(String token, String path) {
    return send(
        null, HttpRequest.newBuilder(uri(path)).header("Authorization", "Bearer " + token).GET());
  }

  private JsonNode parse(HttpResponse<String> answer) throws IOException {
    boolean isJson = answer.headers().firstValue("Content-Type").orElse("").contains("json");
    return isJson ? json.readTree(answer.body()) : json.missingNode();
  }

  /** Starts a run as olga, the operator. */
  String start(String parameters) {
    return start("web-test", parameters);
  }

  /** The same of another runbook. */
  String start(String runbook, String parameters) {
    return post(
            "olga",
            "/api/runs",
            "{\"runbook\":\"%s\",\"parameters\":{\"environment\":\"test\"%s}}"
                .formatted(runbook, parameters.isEmpty() ? "" : "," + parameters))
        .is(201)
        .body()
        .path("id")
        .asText();
  }

  JsonNode awaitStatus(String run, String... wanted) {
    return await()
        .atMost(Duration.ofMinutes(2)) // a gate that is undecided measures for a minute
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> get("vera", "/api/runs/" + run).body(),
            view -> Set.of(wanted).contains(view.path("status").asText()));
  }

  /** Starts a run and waits until it asks the approver. */
  String startUntilDecision() {
    String run = start("");
    awaitStatus(run, "WAITING_FOR_PERSON");
    return run;
  }

  String openTask(String run) {
    return get("anna", "/api/tasks?run=" + run).is(200).body().path(0).at("/task/id").asText();
  }

  /** Frees the targets again, whatever the run waits for. */
  void end(String run) {
    String status = get("vera", "/api/runs/" + run).body().path("status").asText();
    if (Set.of("RUNNING", "WAITING_FOR_PERSON", "INCIDENT").contains(status)) {
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> post("olga", "/api/runs/" + run + "/abort", "{\"reason\":\"test is over\"}"),
              answer -> answer.status() == 200 || isOver(run));
    }
    awaitStatus(run, "ROLLED_BACK", "COMPLETED", "TAKEN_OVER", "CANCELLED");
  }

  private boolean isOver(String run) {
    String status = get("vera", "/api/runs/" + run).body().path("status").asText();
    return !Set.of("RUNNING", "WAITING_FOR_PERSON", "INCIDENT").contains(status);
  }
}
