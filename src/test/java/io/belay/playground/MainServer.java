package io.belay.playground;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The guide's application, v1 and v2, small: {@code MainServer --version=v1 --slot=main-1
 * --world=<directory> [--listen=127.0.0.1]}. Really asks PostgreSQL and Redis for every user
 * request, measures itself, appends to its log, and obeys the faults that are switched on. Reads
 * its {@code .env} at start, so a changed file needs a restart. On SIGTERM it answers what is in
 * flight, then ends. It also ends when its world is gone.
 */
public final class MainServer {

  private static final int THREADS = 32;

  private final String version;
  private final String slot;
  private final Path world;
  private final String listen;
  private final Path log;
  private final FaultSwitch faults;
  private double dueErrorLines;

  private MainServer(String version, String slot, Path world, String listen) {
    this.version = version;
    this.slot = slot;
    this.world = world;
    this.listen = listen;
    this.log = Slots.log(world, version, slot);
    this.faults = new FaultSwitch(world, version, slot);
  }

  public static void main(String[] args) throws Exception {
    // Without this each small answer waits 40 ms for the client's acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    Map<String, String> options = options(args);
    new MainServer(
            options.get("version"),
            options.get("slot"),
            Path.of(options.get("world")),
            options.getOrDefault("listen", "127.0.0.1"))
        .run();
  }

  private void run() throws Exception {
    if (faults.isDown()) {
      log("ERROR", "crashed at start");
      System.exit(1);
    }
    Map<String, String> env = readEnv(Slots.configuration(world, version, slot));
    Store store = new Store(env);
    store.warmUp();
    Endpoints endpoints = new Endpoints(version, slot, world, env, store, faults, this::log);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(listen, Slots.port(world, slot)), 200);
    server.setExecutor(Executors.newFixedThreadPool(THREADS));
    server.createContext("/", endpoints);
    server.start();
    PidFile.ofSlot(world, slot).write(version);
    log("INFO", "started");
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  endpoints.awaitIdle(5_000);
                  log("INFO", "stopped");
                }));
    ScheduledExecutorService pulse = Executors.newSingleThreadScheduledExecutor();
    pulse.scheduleWithFixedDelay(
        this::pulse, FaultSwitch.PULSE_MILLIS, FaultSwitch.PULSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void pulse() {
    faults.refresh();
    dueErrorLines += faults.errorLines() * FaultSwitch.PULSE_MILLIS / 1000;
    for (; dueErrorLines >= 1; dueErrorLines--) {
      log("ERROR", "unexpected token in message content");
    }
    if (faults.isDown() || Leash.isGone(world)) {
      Runtime.getRuntime().halt(137);
    }
  }

  private void log(String level, String message) {
    String line = "%s %-5s [%s %s] %s%n".formatted(Instant.now(), level, version, slot, message);
    try {
      Files.writeString(log, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      System.err.print(line);
    }
  }

  static Map<String, String> options(String[] args) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String arg : args) {
      String[] pair = arg.replaceFirst("^--", "").split("=", 2);
      options.put(pair[0], pair[1]);
    }
    return options;
  }

  static Map<String, String> readEnv(Path file) throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    for (String line : Files.readAllLines(file)) {
      int equals = line.indexOf('=');
      if (equals > 0 && !line.startsWith("#")) {
        values.put(line.substring(0, equals).strip(), line.substring(equals + 1).strip());
      }
    }
    return values;
  }
}
