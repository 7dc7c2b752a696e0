package io.belay.playground;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The backend of the guide "Backend Improvements", small: {@code BackendApplication <world>}. Picks
 * one of its API keys for each search by the old or the new implementation, as the flag says of the
 * user; measures each by itself, appends to its log, and posts an alert when its own check fails.
 * Reads {@code backend/config/app.env} at start. On SIGTERM it answers what is in flight, then
 * ends; it also ends when its world is gone.
 */
public final class BackendApplication {

  static final String NAME = "backend";
  private static final int THREADS = 64;
  private static final int STOP_SECONDS = 5;

  private final Path world;
  private final Map<String, String> env;
  private final FaultSwitch faults;
  private final BackendFlag flag;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private boolean alerted;

  private BackendApplication(Path world) throws IOException {
    this.world = world;
    this.env = MainServer.readEnv(world.resolve("backend/config/app.env"));
    this.faults = new FaultSwitch(world, NAME, NAME);
    this.flag = new BackendFlag(env);
  }

  public static void main(String[] args) throws Exception {
    // Without this each small answer waits 40 ms for the client's acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    new BackendApplication(Path.of(args[0])).run();
  }

  private void run() throws Exception {
    flag.refresh();
    Store store = new Store(env);
    store.warmUp();
    BackendEndpoints endpoints = new BackendEndpoints(store, flag, faults, this::log);
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress("127.0.0.1", Integer.parseInt(env.get("PORT"))), 200);
    server.setExecutor(Executors.newFixedThreadPool(THREADS));
    server.createContext("/", endpoints);
    server.start();
    PidFile.ofSlot(world, NAME).write(NAME);
    log("INFO started, implementations: " + endpoints.implementations());
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.stop(STOP_SECONDS);
                  log("INFO stopped");
                }));
    ScheduledExecutorService pulse = Executors.newScheduledThreadPool(2);
    pulse.scheduleWithFixedDelay(this::pulse, 0, FaultSwitch.PULSE_MILLIS, TimeUnit.MILLISECONDS);
    pulse.scheduleWithFixedDelay(flag::refresh, 0, FaultSwitch.PULSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void pulse() {
    faults.refresh();
    if (Leash.isGone(world)) {
      Runtime.getRuntime().halt(137);
    }
    boolean fails = Files.exists(syntheticFault(world));
    if (fails && !alerted) {
      alert();
    }
    alerted = fails;
  }

  /** While this file is there, the application's check of itself fails. */
  static Path syntheticFault(Path world) {
    return world.resolve("backend").resolve("synthetic-fault");
  }

  private void alert() {
    try {
      client.send(
          HttpRequest.newBuilder(URI.create(env.get("ALERT_URL")))
              .POST(HttpRequest.BodyPublishers.ofString("{\"alert\":\"the check fails\"}"))
              .build(),
          HttpResponse.BodyHandlers.discarding());
    } catch (IOException e) {
      log("WARN nobody takes the alert: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void log(String message) {
    try {
      Files.writeString(
          world.resolve("logs/backend.log"),
          "%s %s%n".formatted(Instant.now(), message),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      System.err.println(message);
    }
  }

  /** The user whom a request names; null when it names none. */
  static String user(HttpExchange exchange) {
    String header = exchange.getRequestHeaders().getFirst("X-User");
    return header != null ? header : parameter(exchange, "user");
  }

  static String parameter(HttpExchange exchange, String name) {
    String query = exchange.getRequestURI().getQuery();
    for (String pair : query == null ? new String[0] : query.split("&")) {
      if (pair.startsWith(name + "=")) {
        return pair.substring(name.length() + 1);
      }
    }
    return null;
  }
}
