package io.belay.playground;

import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A world for Belay to act on. Of the guide "Main Server v1 to v2": PostgreSQL, Redis, v1 in three
 * instances behind the gateway, a staging instance of v2, room for v2 beside v1, their
 * configuration files, users who send requests all the time, and a receiver of notifications. Of
 * the guide "Two-Database Migration": a document store of 21 files. All of it real and on loopback,
 * in one directory that goes away with it; only MongoDB is a stand-in ({@link PlaygroundMongo}). Up
 * in a few seconds.
 *
 * <p>{@link #fault} breaks something, {@link #repair} takes the cause away, {@link #reset} brings
 * everything back to the beginning, {@link #fingerprint} says what the world is like.
 */
public final class World implements Scene, AutoCloseable {

  private static final int ROWS = 2_000;
  private static final int START_ATTEMPTS = 3;

  private static World shared;

  private final Path directory;
  private final Deque<Closeable> parts = new ArrayDeque<>();
  private PlaygroundPostgres postgres;
  private PlaygroundRedis redis;
  private PlaygroundMongo mongo;
  private AiService ai;
  private Notifications notifications;
  private ConfigurationFiles configuration;
  private MigrationFiles migration;
  private DocumentFiles documents;
  private ServiceControl services;
  private PlaygroundGateway gateway;
  private volatile BadClient badClient;
  private FileWatch files;
  private SteadyLoad users;
  private WorldParts extras;
  private BackendWorld backend;
  private Faults faults;
  private WorldFingerprint pristine;
  private boolean closed;

  private World(Path directory) {
    this.directory = directory;
  }

  /** The one world that the tests of a JVM share; ends with it. {@link #reset()} it before use. */
  public static synchronized World shared() {
    if (shared == null) {
      shared = start();
    } else {
      shared.users.reset(); // they may rest
    }
    return shared;
  }

  /** A world with v1's tables of 2,000 rows together, and as many documents. */
  public static World start() {
    return start(ROWS);
  }

  /**
   * @param rows of v1's tables together, and documents
   * @throws IllegalStateException saying which part did not start; nothing is left running then
   */
  public static World start(int rows) {
    for (int attempt = 1; ; attempt++) {
      World world = null;
      try {
        world = new World(WorldDirectory.create());
        world.open(rows);
        return world;
      } catch (Exception e) {
        if (world != null) {
          world.close();
        }
        // A port that was free when it was chosen may be another's when it is opened.
        if (attempt == START_ATTEMPTS) {
          throw new IllegalStateException("the playground did not start: " + e.getMessage(), e);
        }
      }
    }
  }

  private void open(int rows) throws Exception {
    Runtime.getRuntime().addShutdownHook(new Thread(this::close, "playground-end"));
    PidFile.ofWorld(directory).write("world");
    Reaper.start(directory);
    Slots.assignPorts(directory);
    Java.writeScript(directory.resolve("service"), ServiceControl.class, directory);
    Java.writeScript(directory.resolve("acceptance"), Acceptance.class, directory);
    CompletableFuture<PlaygroundGateway> startingGateway =
        Work.async(() -> add(PlaygroundGateway.start(directory)));
    CompletableFuture<PlaygroundRedis> startingRedis =
        Work.async(() -> add(PlaygroundRedis.start(directory)));
    postgres = add(PlaygroundPostgres.start(directory, rows));
    redis = Work.join(startingRedis);
    mongo = add(PlaygroundMongo.start());
    ai = add(AiService.start());
    notifications = add(Notifications.start());
    configuration = new ConfigurationFiles(directory, postgres, redis, mongo, ai);
    files = add(new FileWatch(configuration.directory()));
    migration = new MigrationFiles(directory);
    documents = new DocumentFiles(directory, rows);
    services = new ServiceControl(directory);
    add(this::stopServices);
    startServices();
    gateway = Work.join(startingGateway);
    backend = new BackendWorld(directory, postgres);
    extras = add(new WorldParts(backend));
    faults = new Faults(directory, services, redis, ai, migration, documents, extras);
    users = add(new SteadyLoad(gateway.url(), configuration.webhookToken()));
    pristine = fingerprint();
  }

  private void startServices() throws IOException, InterruptedException {
    CompletableFuture<Void> staging =
        Work.async(
            () -> {
              services.start("v2", List.of(Slots.STAGING));
              return null;
            });
    services.start("v1", Slots.MAIN);
    Work.join(staging);
  }

  private void stopServices() throws IOException {
    for (String slot : Slots.ALL) {
      services.running(slot).ifPresent(entry -> entry.process().destroyForcibly());
    }
  }

  private <T extends Closeable> T add(T part) {
    synchronized (parts) {
      parts.push(part);
    }
    return part;
  }

  /**
   * From now on a client sends what nobody should have to answer, as long as the world is there.
   */
  void addBadClient() {
    badClient = new BadClient(gateway.url());
    add(badClient);
  }

  /** How many of its requests were answered, or its connection closed. */
  int answersToBadClients() {
    return badClient == null ? 0 : badClient.answered();
  }

  /** Switches a fault on. Those inside a process take effect within 200 ms. */
  @Override
  public void fault(Fault fault) {
    Work.perform(() -> faults.cause(fault));
  }

  /** Switches all faults off: Redis and v1 run again, with what they held. */
  @Override
  public void repair() {
    Work.perform(() -> faults.repair());
  }

  /**
   * Brings everything back to the beginning, whatever was done to it; the counts of users and
   * notifications too.
   *
   * @throws IllegalStateException naming what still differs
   */
  @Override
  public void reset() {
    Work.perform(
        () -> {
          repair();
          gateway.reset();
          services.stop("v2", List.of("green", "main-1", "main-2", "main-3"));
          configuration.reset();
          documents.reset();
          if (!databasesAreAsAtFirst()) {
            postgres.reset();
          }
          redis.reset();
          startServices();
          extras.reset();
          notifications.clear();
          users.reset();
          List<String> differences = fingerprint().differencesFrom(pristine);
          if (!differences.isEmpty()) {
            throw new IllegalStateException("reset left differences: " + differences);
          }
        });
  }

  private boolean databasesAreAsAtFirst() throws SQLException {
    return WorldFingerprint.ofDatabases(postgres).equals(pristine.databases());
  }

  /** What the world is like now, looked at with its own eyes. */
  @Override
  public WorldFingerprint fingerprint() {
    return Work.run(
        () ->
            WorldFingerprint.take(
                postgres, redis, gateway, services, configuration.directory(), documents, extras));
  }

  /** Changes, adds and removes keys in Redis, as a new version of the application may. */
  public void writeToCache() {
    Work.perform(
        () -> {
          try (RedisConnection connection = redis.connect(0)) {
            connection.call("HSET", "user:1", "language", "fr");
            connection.call("SET", "session:2", "written by v2");
            connection.call("DEL", "user:3", "ranking");
            connection.call("SET", "feature:new", "on");
          }
        });
  }

  /** Changes a document, as an application does. */
  public void writeToDocuments() {
    Work.perform(() -> documents.append("users.db"));
  }

  /** What was done to the world until now. */
  public Effects effects() {
    return Work.run(
        () -> Effects.take(directory, postgres, redis, gateway, notifications, files, extras));
  }

  /** What the world was like at the beginning. */
  public WorldFingerprint pristine() {
    return pristine;
  }

  /** What {@code environments/playground.yml} refers to; some of it is secret. */
  @Override
  public Map<String, String> properties() {
    return Work.run(
        () ->
            WorldProperties.of(
                directory,
                postgres,
                redis,
                mongo,
                gateway,
                notifications,
                configuration,
                migration,
                extras));
  }

  /**
   * Opens what runs in that environment need beside what is always there, and takes the world as it
   * is then for its beginning. Does nothing the second time.
   */
  public synchronized void open(String environment) {
    Work.perform(
        () -> {
          if (extras.open(environment)) {
            pristine = fingerprint();
          }
        });
  }

  /** Of the backend application, once it is open. */
  BackendWorld backend() {
    return backend;
  }

  public SteadyLoad users() {
    return users;
  }

  public Notifications notifications() {
    return notifications;
  }

  /** Starts and stops the application's processes, as the environment's commands do. */
  public ServiceControl services() {
    return services;
  }

  /** A connection to the application's database, as its owner. */
  public Connection database() throws SQLException {
    return postgres.connect(PlaygroundPostgres.DATABASE);
  }

  /** A connection to Redis, database 0. */
  public RedisConnection redis() throws IOException {
    return redis.connect(0);
  }

  /** An application that reads the documents through Belay; ends with the world. */
  public DocumentReaders readDocuments(URI belay) throws IOException {
    return add(documents.readers(belay));
  }

  /** Directory of the document store. */
  public Path documents() {
    return documents.directory();
  }

  /** Where the users' requests go. */
  public URI router() {
    return gateway.url();
  }

  public Path directory() {
    return directory;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    synchronized (parts) {
      for (Closeable part : parts) {
        try {
          part.close();
        } catch (IOException | RuntimeException e) {
          System.err.println("playground: " + e);
        }
      }
    }
    WorldDirectory.remove(directory);
  }
}
