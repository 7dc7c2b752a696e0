package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.journal.JournalChain;
import io.belay.run.RunView;
import io.belay.run.Runs;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.camunda.bpm.engine.RuntimeService;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Random requests to every endpoint, those of tomorrow included: no answer is a failure of Belay,
 * none tells how it is made, and no run is half started. {@code -Dbelay.test.requests=10000} for
 * the whole of it; {@code -Dbelay.test.seed=…} repeats one.
 */
@WebTest
class RandomRequestsTest {

  private static final int REQUESTS = Integer.getInteger("belay.test.requests", 400);
  private static final long SEED = Long.getLong("belay.test.seed", 20_260_131L);
  private static final List<String> USERS = List.of("adam", "olga", "omar", "anna", "vera");

  /** What requests know of, so that a good part of the random ones gets past the first check. */
  private static final List<String> NAMES =
      List.of(
          "runbook",
          "name",
          "parameters",
          "reason",
          "activityId",
          "values",
          "decision",
          "looked",
          "environment",
          "count",
          "pause",
          "weights",
          "strategy",
          "fail",
          "limit",
          "offset",
          "after",
          "format",
          "run",
          "user",
          "audience",
          "__proto__",
          "class",
          "",
          "a.b",
          "x[0]",
          "ü");

  private static final List<String> TEXTS =
      List.of(
          "web-test",
          "test",
          "other",
          "go",
          "no-go",
          "Task_Count",
          "Task_Decide",
          "3",
          "50,100",
          "PT1S",
          "10ms",
          "-1",
          "1e999",
          "NaN",
          "true",
          "null",
          "",
          " ",
          "../../etc/passwd",
          "..%2f..%2fpom.xml",
          "${7*7}",
          "#{7*7}",
          "${environments}",
          "'; DROP TABLE belay_run; --",
          "<script>alert(1)</script>",
          "a\nb",
          "a\r\nX-Injected: 1",
          "\u0000",
          "\u0085\u2028",
          "\uD83D\uDE00",
          "\uFEFF",
          "%s%n%x",
          "{{7*7}}",
          "x".repeat(5000),
          "9".repeat(400));

  @Autowired Caller caller;
  @Autowired Runs runs;
  @Autowired RuntimeService runtime;
  @Autowired JournalChain chain;
  @Autowired ObjectMapper json;

  @Autowired
  @Qualifier("requestMappingHandlerMapping")
  RequestMappingHandlerMapping mapping;

  private final Random random = new Random(SEED);
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<String> known = new ArrayList<>(List.of("web-test", "x", "count.txt", "head"));

  private record Endpoint(String method, String path) {}

  private record Told(int status, HttpHeaders headers, String body) {}

  @Test
  void randomRequests_areAnsweredOrRefused_andNeverHalfDone() throws Exception {
    Set<String> before = runIds();
    known.addAll(before);
    List<Endpoint> endpoints = endpoints();
    assertThat(endpoints.size()).isGreaterThan(25);
    for (int i = 0; i < REQUESTS; i++) {
      Endpoint endpoint = endpoints.get(i % endpoints.size());
      String user = pick(USERS);
      HttpRequest request = request(endpoint, user);
      Told answer = send(request);
      String what =
          "request %d of seed %d: %s %s as %s: %d %s"
              .formatted(
                  i, SEED, request.method(), request.uri(), user, answer.status(), answer.body());
      assertThat(answer.status()).as(what).isLessThan(500);
      assertThat(answer.headers().map()).as(what).doesNotContainKey("x-injected");
      assertThat(answer.body()).as(what).doesNotContain("org.camunda", "\tat io.belay", "PSQLEx");
      if (answer.status() >= 400 && endpoint.path().startsWith("/api/")) {
        isToldWhy(answer, what);
      }
      if (answer.status() == 201) {
        remember(answer);
      }
    }
    nothingIsHalfStarted();
    for (String run : runIds()) {
      if (!before.contains(run)) {
        caller.end(run);
      }
    }
    assertThat(chain.check().problems()).isEmpty();
  }

  private void isToldWhy(Told answer, String what) throws Exception {
    String type = answer.headers().firstValue("Content-Type").orElse("");
    if (answer.status() == 400 && answer.body().contains("<title>HTTP Status 400")) {
      return; // Tomcat refuses what is no path, before Belay sees it
    }
    if (answer.status() == 406) {
      return; // there is no telling why in a language that was not asked for
    }
    assertThat(type).as(what).startsWith("application/problem+json");
    assertThat(json.readTree(answer.body()).path("detail").asText()).as(what).isNotBlank();
  }

  private void remember(Told answer) throws Exception {
    JsonNode body = json.readTree(answer.body());
    if (body.hasNonNull("id")) {
      known.add(body.path("id").asText());
    }
  }

  /** Each instance of a runbook is a run in the books, and the other way round. */
  private void nothingIsHalfStarted() {
    Set<String> instances =
        runtime.createProcessInstanceQuery().rootProcessInstances().list().stream()
            .map(instance -> instance.getProcessInstanceId())
            .collect(Collectors.toSet());
    Set<String> open =
        runs.list(500, 0).stream()
            .filter(run -> !run.hasEnded())
            .map(RunView::id)
            .collect(Collectors.toSet());
    assertThat(open).containsAll(instances);
  }

  private Set<String> runIds() {
    return runs.list(500, 0).stream()
        .map(RunView::id)
        .collect(Collectors.toCollection(HashSet::new));
  }

  private List<Endpoint> endpoints() {
    return mapping.getHandlerMethods().keySet().stream()
        .flatMap(
            info ->
                info.getPatternValues().stream()
                    .flatMap(
                        path ->
                            info.getMethodsCondition().getMethods().isEmpty()
                                ? List.of(new Endpoint("GET", path)).stream()
                                : info.getMethodsCondition().getMethods().stream()
                                    .map(RequestMethod::name)
                                    .map(method -> new Endpoint(method, path))))
        .filter(endpoint -> !endpoint.path().equals("/error")) // only for what failed already
        .distinct()
        .sorted(java.util.Comparator.comparing(Endpoint::path).thenComparing(Endpoint::method))
        .toList();
  }

  private HttpRequest request(Endpoint endpoint, String user) throws Exception {
    StringBuilder path = new StringBuilder();
    for (String part : endpoint.path().split("(?<=/)")) {
      path.append(
          part.contains("{")
              ? encoded(random.nextInt(3) == 0 ? pick(TEXTS) : pick(known))
                  + (part.endsWith("/") ? "/" : "")
              : part);
    }
    String query = random.nextBoolean() ? "" : "?" + query();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(caller.uri("") + path.toString() + query))
            .timeout(Duration.ofSeconds(60))
            .header("Authorization", "Basic " + basic(user));
    if (random.nextInt(5) == 0) {
      request.header("Accept", pick(List.of("text/html", "application/xml", "*/*", "banana")));
    }
    if (random.nextInt(10) == 0) {
      request.header("Last-Event-ID", pick(List.of("0", "-1", "x", "9".repeat(30))));
    }
    if (endpoint.method().equals("GET")) {
      return request.GET().build();
    }
    if (random.nextInt(12) > 0) {
      request.header(
          "Content-Type",
          random.nextInt(15) > 0
              ? "application/json"
              : pick(List.of("text/plain", "application/xml", "application/json; charset=x")));
    }
    return request.method(endpoint.method(), BodyPublishers.ofString(body())).build();
  }

  private String query() {
    StringBuilder query = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      query.append(encoded(pick(NAMES))).append('=').append(encoded(pick(TEXTS))).append('&');
    }
    return query.toString();
  }

  private String body() {
    return switch (random.nextInt(12)) {
      case 0 -> pick(List.of("", "{", "[]", "null", "5", "\"text\"", "{}{}", "\u0000"));
      case 1 -> "{\"parameters\":".repeat(2000) + "1" + "}".repeat(2000);
      case 2 -> node(0).toString().substring(0, 1);
      default -> object(0).toString();
    };
  }

  private ObjectNode object(int depth) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (int i = random.nextInt(5); i >= 0; i--) {
      String name = pick(NAMES);
      object.set(
          name,
          switch (name) {
            case "parameters", "values" -> random.nextInt(4) > 0 ? object(depth + 1) : node(depth);
            default -> node(depth);
          });
    }
    return object;
  }

  private JsonNode node(int depth) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (random.nextInt(depth > 4 ? 7 : 9)) {
      case 0 -> nodes.nullNode();
      case 1 -> nodes.booleanNode(random.nextBoolean());
      case 2 -> nodes.numberNode(random.nextLong());
      case 3 -> nodes.numberNode(new java.math.BigDecimal("1e" + (random.nextInt(2000) - 1000)));
      case 4, 5, 6 -> nodes.textNode(pick(TEXTS));
      case 7 -> {
        ArrayNode array = nodes.arrayNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          array.add(node(depth + 1));
        }
        yield array;
      }
      default -> object(depth + 1);
    };
  }

  /** Of a stream that goes on only the beginning is read. */
  private Told send(HttpRequest request) throws Exception {
    HttpResponse<InputStream> answer;
    try {
      answer = http.send(request, BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new AssertionError(request.method() + " " + request.uri() + " has no answer", e);
    }
    boolean stream =
        answer.headers().firstValue("Content-Type").orElse("").startsWith("text/event-stream");
    try (InputStream body = answer.body()) {
      return new Told(
          answer.statusCode(),
          answer.headers(),
          stream ? "" : new String(body.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String basic(String user) {
    return Base64.getEncoder().encodeToString((user + ":" + user).getBytes(StandardCharsets.UTF_8));
  }
}
