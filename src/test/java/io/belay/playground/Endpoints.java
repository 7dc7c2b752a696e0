package io.belay.playground;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the application answers. v1 lives at {@code /}; v2 at {@code /api}, and it keeps v1's user
 * paths ({@code /conversations}, {@code /webhook}) as aliases, so that a router can split the
 * users' traffic between the versions without rewriting a path.
 */
final class Endpoints implements HttpHandler {

  /** Without these v2 is not ready and refuses webhooks. */
  private static final List<String> REQUIRED_BY_V2 =
      List.of(
          "LARK_APP_ID",
          "LARK_APP_SECRET",
          "LARK_VERIFICATION_TOKEN",
          "RATE_LIMIT_WINDOW_MS",
          "RATE_LIMIT_MAX_REQUESTS",
          "AI_SERVICE_TIMEOUT",
          "HEALTH_CHECK_TIMEOUT");

  private record Answer(int status, String body) {}

  private final String version;
  private final String slot;
  private final Path world;
  private final Map<String, String> env;
  private final Store store;
  private final FaultSwitch faults;
  private final BiConsumer<String, String> log;
  private final Figures figures = new Figures();
  private final AtomicInteger inFlight = new AtomicInteger();

  Endpoints(
      String version,
      String slot,
      Path world,
      Map<String, String> env,
      Store store,
      FaultSwitch faults,
      BiConsumer<String, String> log) {
    this.version = version;
    this.slot = slot;
    this.world = world;
    this.env = env;
    this.store = store;
    this.faults = faults;
    this.log = log;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    inFlight.incrementAndGet();
    try {
      long started = System.nanoTime();
      String path = canonical(exchange.getRequestURI().getPath());
      boolean watching = path.contains("/health") || path.contains("/metrics");
      if (!watching && exchange.getRequestMethod().equals("POST") && faults.resetsNow()) {
        exchange.close();
        return;
      }
      Answer answer = answer(exchange, path, watching);
      if (!watching) {
        figures.answered(answer.status(), (System.nanoTime() - started) / 1e6);
      }
      exchange.getResponseHeaders().set("X-Main-Server", version + " " + slot);
      Respond.json(exchange, answer.status(), answer.body());
    } finally {
      inFlight.decrementAndGet();
    }
  }

  private Answer answer(HttpExchange exchange, String path, boolean watching) {
    try {
      if (!path.contains("/metrics") && faults.latencyMillis() > 0) {
        Thread.sleep(faults.latencyMillis());
      }
      if (!watching && faults.failsNow()) {
        throw new IllegalStateException("cannot read property 'content' of undefined");
      }
      return !watching && faults.losesNow() ? notFound() : route(exchange, path);
    } catch (Exception e) {
      log.accept("ERROR", exchange.getRequestURI().getPath() + ": " + e.getMessage());
      return new Answer(500, "{\"error\":" + Respond.quote(e.getClass().getSimpleName()) + "}");
    }
  }

  /**
   * v2's path for what was asked; v1's paths get v2's name as well, so that one table is enough.
   */
  private String canonical(String path) {
    if (version.equals("v1")) {
      return path.startsWith("/api") ? "/unknown" : "/api" + (path.equals("/") ? "" : path);
    }
    return switch (path) {
      case "/webhook" -> "/api/webhook";
      case "/api/webhook/lark/event" -> "/api/webhook";
      case "/conversations", "/api/v1/conversations" -> "/api/conversations";
      case "/api/v1/messages" -> "/api/messages";
      case "/api/health/metrics" -> "/api/metrics";
      case "/api/webhook", "/api/conversations", "/api/messages", "/api/metrics" -> "/unknown";
      default -> path;
    };
  }

  private Answer route(HttpExchange exchange, String path) throws Exception {
    boolean v2 = version.equals("v2");
    return switch (path) {
      case "/api" ->
          new Answer(200, "{\"service\":\"main-server\",\"version\":\"" + version + "\"}");
      case "/api/health" -> health(false);
      case "/api/metrics" -> new Answer(200, figures.json(version, slot, store, world));
      case "/api/webhook" -> webhook(exchange);
      case "/api/conversations" -> conversations(exchange);
      case "/api/health/ready" -> v2 ? health(true) : notFound();
      case "/api/health/ai" -> v2 ? aiService() : notFound();
      case "/api/messages" -> v2 ? messages() : notFound();
      default -> notFound();
    };
  }

  private static Answer notFound() {
    return new Answer(404, "{\"error\":\"no such path\"}");
  }

  /** Alive needs the database; ready also needs Redis and a complete configuration. */
  private Answer health(boolean ready) {
    boolean database;
    try {
      database = !store.query("SELECT 1").isEmpty();
    } catch (SQLException e) {
      database = false;
    }
    boolean redis = store.redisUp();
    List<String> missing = missingConfiguration();
    boolean good = database && (!ready || (redis && missing.isEmpty()));
    return new Answer(
        good ? 200 : 503,
        "{\"status\":\"%s\",\"database\":%b,\"redis\":%b,\"missingConfiguration\":%s}"
            .formatted(
                good ? "ok" : "unavailable",
                database,
                redis,
                missing.stream().map(Respond::quote).toList()));
  }

  private List<String> missingConfiguration() {
    return version.equals("v1")
        ? List.of()
        : REQUIRED_BY_V2.stream().filter(key -> env.getOrDefault(key, "").isEmpty()).toList();
  }

  private Answer webhook(HttpExchange exchange) throws Exception {
    if (!exchange.getRequestMethod().equals("POST")) {
      return new Answer(405, "{\"error\":\"POST only\"}");
    }
    if (!missingConfiguration().isEmpty()) {
      return new Answer(503, "{\"error\":\"not configured\"}");
    }
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String expected = env.get("LARK_VERIFICATION_TOKEN") + (faults.hasWrongWebhook() ? "-old" : "");
    if (!expected.equals(field(body, "token"))) {
      return new Answer(401, "{\"error\":\"verification token does not match\"}");
    }
    if (body.contains("\"url_verification\"")) {
      return new Answer(200, "{\"challenge\":" + Respond.quote(field(body, "challenge")) + "}");
    }
    boolean known = false;
    try {
      String user = field(body, "user");
      String session = store.cached("session:" + user);
      known = !store.query("SELECT name FROM users WHERE id = ?", Long.valueOf(user)).isEmpty();
      return known
          ? new Answer(200, "{\"processed\":true,\"session\":%b}".formatted(session != null))
          : new Answer(422, "{\"error\":\"unknown user\"}");
    } finally {
      figures.message(known);
    }
  }

  private Answer conversations(HttpExchange exchange) throws Exception {
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    Matcher user = Pattern.compile("user=(\\d{1,9})").matcher(query);
    if (!user.find()) {
      return new Answer(400, "{\"error\":\"parameter user is missing\"}");
    }
    List<String> titles =
        store.query(
            "SELECT coalesce(title, chat_id) FROM conversations WHERE user_id = ?"
                + " ORDER BY last_activity DESC LIMIT 20",
            Long.valueOf(user.group(1)));
    return new Answer(200, titles.stream().map(Respond::quote).toList().toString());
  }

  private Answer messages() throws Exception {
    List<String> contents =
        store.query("SELECT content::text FROM messages ORDER BY created_at DESC LIMIT 20");
    return new Answer(200, contents.toString());
  }

  private Answer aiService() {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) URI.create(env.get("AI_SERVICE_URL")).toURL().openConnection();
      int timeout = Integer.parseInt(env.getOrDefault("AI_SERVICE_TIMEOUT", "2000"));
      connection.setConnectTimeout(timeout);
      connection.setReadTimeout(timeout);
      int status = connection.getResponseCode();
      return new Answer(status == 200 ? 200 : 503, "{\"aiServiceStatus\":" + status + "}");
    } catch (IOException e) {
      return new Answer(503, "{\"error\":\"the AI service does not answer\"}");
    }
  }

  private static String field(String json, String name) {
    Matcher matcher =
        Pattern.compile('"' + name + "\"\\s*:\\s*(?:\"([^\"]*)\"|(\\d+))").matcher(json);
    return !matcher.find() ? "" : matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
  }

  /** Waits until no request is in flight, up to a bound. */
  void awaitIdle(long millis) {
    long deadline = System.nanoTime() + millis * 1_000_000;
    while (inFlight.get() > 0 && System.nanoTime() < deadline) {
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        return;
      }
    }
  }
}
