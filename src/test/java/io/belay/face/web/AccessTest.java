package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.face.web.Caller.Answer;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Who may call what. Endpoints are enumerated, so that a new one is covered when it comes. */
@WebTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessTest {

  record Endpoint(String method, String path) {
    boolean isApi() {
      return path.startsWith("/api/");
    }

    boolean changes() {
      return !method.equals("GET");
    }
  }

  /**
   * The login page shows nothing; an error page belongs to a request that was let in already; the
   * keys are public ones.
   */
  private static final Set<String> OPEN = Set.of("/login", "/error", "/.well-known/jwks.json");

  /** Whoever may log in may have a token instead: it gives no more. */
  private static final String TOKEN = "/api/tokens";

  private record Token(String value, Instant until) {}

  private final Map<String, Token> tokens = new ConcurrentHashMap<>();

  @Autowired Caller caller;

  @Autowired
  @Qualifier("requestMappingHandlerMapping")
  RequestMappingHandlerMapping mapping;

  Stream<Endpoint> endpoints() {
    return mapping.getHandlerMethods().keySet().stream()
        .flatMap(
            info ->
                info.getPatternValues().stream()
                    .flatMap(
                        path ->
                            (info.getMethodsCondition().getMethods().isEmpty()
                                    ? Stream.of(RequestMethod.GET)
                                    : info.getMethodsCondition().getMethods().stream())
                                .map(
                                    method ->
                                        new Endpoint(
                                            method.name(),
                                            path.replaceAll("\\{part:[^}]*}", "head")
                                                .replaceAll("\\{[^}]*}", "x")))))
        .filter(endpoint -> !OPEN.contains(endpoint.path()))
        .distinct();
  }

  Stream<Endpoint> changing() {
    return endpoints().filter(Endpoint::changes).filter(it -> !it.path().equals(TOKEN));
  }

  @Test
  void endpoints_areFoundAtAll() {
    assertThat(endpoints().filter(Endpoint::isApi).count()).isGreaterThan(20);
    assertThat(changing().count()).isGreaterThan(4);
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void withoutLogin_nothingIsToBeSeen(Endpoint endpoint) {
    Answer answer = call(null, endpoint);
    if (endpoint.isApi()) {
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.type()).startsWith("application/problem+json");
    } else {
      assertThat(answer.status()).isEqualTo(302);
      assertThat(answer.raw().headers().firstValue("Location").orElse("")).endsWith("/login");
    }
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void wrongPassword_isRefused(Endpoint endpoint) {
    HttpRequest.Builder request = request(endpoint).header("Authorization", "Basic bm9ib2R5Om5v");
    caller.send(null, request).is(401);
  }

  @ParameterizedTest
  @MethodSource("changing")
  void viewer_changesNothing(Endpoint endpoint) {
    call("vera", endpoint).is(403);
  }

  Stream<Endpoint> migration() {
    return endpoints().filter(endpoint -> endpoint.path().startsWith("/api/migration/"));
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void userWhoIsOnlyAService_seesNothing(Endpoint endpoint) {
    if (!endpoint.path().equals(TOKEN)) {
      assertThat(call("sam", endpoint).status()).isEqualTo(403);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/engine-rest/process-definition",
        "/engine-rest/task",
        "/actuator/prometheus",
        "/camunda/app/cockpit/default/",
        "/camunda/app/tasklist/default/",
        "/camunda/api/engine/engine/default/process-definition"
      })
  void userWhoIsOnlyAService_seesNothingOfTheEngine(String path) {
    assertThat(caller.get("sam", path).status()).isEqualTo(403);
  }

  @Test
  void openApi_describesEveryEndpoint_andItsPageIsThere() {
    JsonNode paths = caller.get("vera", "/api/openapi").is(200).body().path("paths");
    assertThat(
            mapping.getHandlerMethods().keySet().stream()
                .flatMap(info -> info.getPatternValues().stream())
                .filter(path -> path.startsWith("/api/"))
                .filter(path -> !path.matches("/api/(openapi|docs)\\b.*")))
        .isNotEmpty()
        .allSatisfy(path -> assertThat(paths.has(path)).as(path).isTrue());
    for (JsonNode path : paths) {
      for (JsonNode operation : path) {
        assertThat(operation.path("summary").asText()).as(operation.toString()).isNotBlank();
      }
    }
    assertThat(caller.get("vera", "/api/docs").status()).isEqualTo(302);
    assertThat(caller.get("vera", "/api/swagger-ui/index.html").type()).startsWith("text/html");
  }

  @Test
  void guidesEndpoints_areThere() {
    assertThat(migration().map(endpoint -> endpoint.method() + " " + endpoint.path()))
        .contains(
            "GET /api/migration/plan",
            "POST /api/migration/snapshot",
            "POST /api/migration/start",
            "GET /api/migration/progress",
            "POST /api/migration/validate",
            "POST /api/migration/rollback",
            "POST /api/migration/stop",
            "GET /api/migration/status",
            "GET /api/migration/logs");
  }

  @ParameterizedTest
  @MethodSource("migration")
  void migration_isForAdministratorsOnly_byPasswordAndByToken(Endpoint endpoint) {
    call(null, endpoint).is(401);
    caller.send(null, request(endpoint).header("Authorization", "Bearer x.y.z")).is(401);
    for (String user : new String[] {"vera", "olga", "anna", "omar", "sam"}) {
      call(user, endpoint).is(403);
      byToken(user, endpoint).is(403);
    }
  }

  @ParameterizedTest
  @MethodSource("changing")
  void approver_onlyDecides(Endpoint endpoint) {
    Answer answer = call("anna", endpoint);
    if (endpoint.path().startsWith("/api/tasks/")) {
      assertThat(answer.status()).isNotEqualTo(403);
    } else {
      answer.is(403);
    }
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void byToken_isAsByPassword(Endpoint endpoint) {
    if (!endpoint.isApi() || endpoint.path().equals(TOKEN)) {
      return;
    }
    for (String user : new String[] {"vera", "sam"}) {
      int byPassword = caller.send(user, request(endpoint)).status();
      int byToken = byToken(user, endpoint).status();
      assertThat(byToken).isEqualTo(byPassword).isNotEqualTo(401);
      if (user.equals("sam")) {
        assertThat(byToken).isEqualTo(403);
      }
    }
  }

  @Test
  void artifacts_areForOperatorsOnly() {
    caller.get("vera", "/api/runs/x/artifacts/y").is(403);
    caller.get("anna", "/api/runs/x/artifacts/y").is(403);
    caller.get("olga", "/api/runs/x/artifacts/y").is(404);
    caller.get("adam", "/api/runs/x/artifacts/y").is(404);
  }

  @Test
  void engineRestAndActuator_needALogin() {
    for (String path :
        new String[] {"/engine-rest/engine", "/engine-rest/process-instance", "/actuator/info"}) {
      assertThat(caller.get(null, path).status()).as(path).isEqualTo(401);
      assertThat(caller.get("vera", path).status()).as(path).isEqualTo(200);
    }
  }

  @Test
  void sessionWithoutToken_cannotChangeAnything() {
    Answer page = caller.get(null, "/login");
    String cookies =
        String.join(
            "; ",
            page.raw().headers().allValues("Set-Cookie").stream()
                .map(cookie -> cookie.split(";")[0])
                .toList());
    HttpRequest.Builder forged =
        HttpRequest.newBuilder(caller.uri("/api/runs"))
            .header("Content-Type", "application/json")
            .header("Cookie", cookies)
            .POST(BodyPublishers.ofString("{}"));
    assertThat(caller.send(null, forged).is(403).text()).contains("X-BELAY-XSRF");
  }

  private Answer byToken(String user, Endpoint endpoint) {
    Token token =
        tokens.compute(
            user,
            (name, known) ->
                known != null && known.until().isAfter(Instant.now())
                    ? known
                    : new Token(caller.token(name), Instant.now().plusSeconds(120)));
    return caller.send(null, request(endpoint).header("Authorization", "Bearer " + token.value()));
  }

  private Answer call(String user, Endpoint endpoint) {
    return caller.send(user, request(endpoint));
  }

  private HttpRequest.Builder request(Endpoint endpoint) {
    HttpRequest.Builder request = HttpRequest.newBuilder(caller.uri(endpoint.path()));
    return endpoint.changes()
        ? request
            .header("Content-Type", "application/json")
            .method(endpoint.method(), BodyPublishers.ofString("{}"))
        : request.GET();
  }
}
