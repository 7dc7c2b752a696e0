package io.belay.playground;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the backend application answers, by the old or the new implementation. */
final class BackendEndpoints implements HttpHandler {

  private static final Pattern KEY = Pattern.compile("/keys/(\\d{1,6})(/blacklist)?");
  private static final String NEW_IMPLEMENTATION = "NewKeyManager";

  /** The search engine behind it is somebody else's, and takes its time. */
  private static final int SEARCH_MILLIS = 205;

  private static final int SEARCH_VARIES_MILLIS = 12;

  private record Answer(int status, String body) {}

  private final Store store;
  private final BackendFlag flag;
  private final FaultSwitch faults;
  private final Consumer<String> log;
  private final AtomicInteger turn = new AtomicInteger();
  private final Function<List<String>, String> newKeys = newImplementation();
  private final Map<Boolean, BackendFigures> figures =
      Map.of(true, new BackendFigures("new"), false, new BackendFigures("old"));

  BackendEndpoints(Store store, BackendFlag flag, FaultSwitch faults, Consumer<String> log) {
    this.store = store;
    this.flag = flag;
    this.faults = faults;
    this.log = log;
  }

  /** Null when the build that is deployed has none. */
  @SuppressWarnings("unchecked")
  private static Function<List<String>, String> newImplementation() {
    try {
      return (Function<List<String>, String>)
          Class.forName(NEW_IMPLEMENTATION).getConstructor().newInstance();
    } catch (ClassNotFoundException e) {
      return null;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  String implementations() {
    return newKeys == null ? "old" : "old,new";
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    long started = System.nanoTime();
    String path = exchange.getRequestURI().getPath();
    boolean isNew = newKeys != null && flag.includes(BackendApplication.user(exchange));
    Answer answer = answer(exchange, path, isNew);
    boolean watching = List.of("/health", "/ready", "/metrics").contains(path);
    if (!watching) {
      double millis = (System.nanoTime() - started) / 1e6;
      figures.get(isNew).answered(answer.status(), millis);
      if (answer.status() >= 400) {
        log.accept(
            "%s side=%s status=%d path=%s"
                .formatted(
                    answer.status() >= 500 ? "ERROR" : "INFO", side(isNew), answer.status(), path));
      }
    }
    exchange.getResponseHeaders().set("X-Main-Server", side(isNew));
    Respond.json(exchange, answer.status(), answer.body());
  }

  private static String side(boolean isNew) {
    return isNew ? "new" : "old";
  }

  private Answer answer(HttpExchange exchange, String path, boolean isNew) {
    try {
      return switch (path) {
        case "/health" ->
            new Answer(
                200, "{\"status\":\"ok\",\"implementations\":\"" + implementations() + "\"}");
        case "/ready" -> ready();
        case "/metrics" -> new Answer(200, metrics(BackendApplication.parameter(exchange, "side")));
        case "/search" -> search(BackendApplication.parameter(exchange, "q"), isNew);
        case "/keys" -> keys(isNew);
        case "/keys/next" -> new Answer(200, "{\"key\":" + Respond.quote(nextKey(isNew)) + "}");
        default -> key(exchange.getRequestMethod(), path, isNew);
      };
    } catch (SQLException | RuntimeException e) {
      log.accept("ERROR side=%s status=500 path=%s %s".formatted(side(isNew), path, e));
      return error(500, "internal error", isNew);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return error(503, "the application stops", isNew);
    }
  }

  /** An error in the format on which clients rely. */
  private Answer error(int status, String text, boolean isNew) {
    String field = isNew && faults.breaksContract() ? "message" : "error";
    return new Answer(status, "{\"%s\":%s}".formatted(field, Respond.quote(text)));
  }

  private Answer ready() throws SQLException {
    store.query("SELECT '1'");
    return flag.isReachable()
        ? new Answer(200, "{\"status\":\"ready\"}")
        : new Answer(503, "{\"error\":\"the flag service does not answer\"}");
  }

  private Answer search(String text, boolean isNew) throws SQLException, InterruptedException {
    if (text == null || text.isEmpty()) {
      return error(400, "q is missing", isNew);
    }
    nextKey(isNew);
    double slower = isNew ? 1 + faults.slower() : 1;
    int millis = SEARCH_MILLIS + ThreadLocalRandom.current().nextInt(SEARCH_VARIES_MILLIS);
    Thread.sleep(Math.round(millis * slower));
    List<String> titles =
        query(
            isNew,
            "SELECT title FROM articles WHERE title LIKE '%' || ? || '%' ORDER BY id LIMIT 5",
            text);
    return new Answer(
        200,
        "{\"query\":%s,\"results\":[%s]}"
            .formatted(
                Respond.quote(text),
                String.join(",", titles.stream().map(Respond::quote).toList())));
  }

  /** By turns in the old implementation. */
  private String nextKey(boolean isNew) throws SQLException {
    List<String> active = query(isNew, "SELECT name FROM api_keys WHERE active ORDER BY id");
    if (active.isEmpty()) {
      throw new IllegalStateException("no active key");
    }
    return isNew
        ? newKeys.apply(active)
        : active.get(Math.floorMod(turn.getAndIncrement(), active.size()));
  }

  private static final String KEY_AS_JSON =
      "json_build_object('id', id, 'name', name, 'active', active)::text";

  private Answer keys(boolean isNew) throws SQLException {
    List<String> all = query(isNew, "SELECT " + KEY_AS_JSON + " FROM api_keys ORDER BY id");
    return new Answer(200, "{\"keys\":[" + String.join(",", all) + "]}");
  }

  private Answer key(String method, String path, boolean isNew) throws SQLException {
    Matcher key = KEY.matcher(path);
    if (!key.matches()) {
      return error(404, "no such path", isNew);
    }
    boolean changes = key.group(2) != null;
    String sql =
        changes
            ? "UPDATE api_keys SET active = %s WHERE id = ?::integer RETURNING %s"
                .formatted(method.equals("DELETE"), KEY_AS_JSON)
            : "SELECT " + KEY_AS_JSON + " FROM api_keys WHERE id = ?::integer";
    List<String> found = query(isNew, sql, key.group(1));
    return found.isEmpty() ? error(404, "no such key", isNew) : new Answer(200, found.get(0));
  }

  private List<String> query(boolean isNew, String sql, Object... parameters) throws SQLException {
    long started = System.nanoTime();
    List<String> rows = store.query(sql, parameters);
    figures.get(isNew).queried((System.nanoTime() - started) / 1e6);
    return rows;
  }

  /**
   * @param side null for both
   */
  private String metrics(String side) {
    StringBuilder text = new StringBuilder();
    figures.forEach(
        (isNew, counted) -> {
          if (side == null || side.equals(side(isNew))) {
            text.append(counted.prometheus());
          }
        });
    return text.append("requests_without_key_total %d%n".formatted(flag.withoutKey()))
        .append("pool_used %d%npool_max %d%n".formatted(store.poolUsed(), Store.POOL_SIZE))
        .append("memory_ratio %s%n".formatted(Figures.memoryRatio()))
        .toString();
  }
}
