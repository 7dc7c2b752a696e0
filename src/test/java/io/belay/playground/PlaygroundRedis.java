package io.belay.playground;

import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import redis.embedded.RedisServer;

/**
 * A Redis server with a password and believable content of every type, in two databases. It can be
 * stopped for real and started again with what it held.
 */
final class PlaygroundRedis implements Closeable {

  private static final int USERS = 200;

  private final int port = Ports.free();
  private final String password = Passwords.generate();
  private final Path directory;
  private RedisServer server;

  private PlaygroundRedis(Path directory) {
    this.directory = directory;
  }

  static PlaygroundRedis start(Path worldDirectory) throws IOException {
    Path directory = Files.createDirectories(worldDirectory.resolve("redis"));
    PlaygroundRedis redis = new PlaygroundRedis(directory);
    redis.start();
    redis.reset();
    return redis;
  }

  /** Starts the server, with the content that it had when it was stopped. */
  synchronized void start() throws IOException {
    if (server != null) {
      return;
    }
    RedisServer starting =
        RedisServer.newRedisServer()
            .port(port)
            .setting("requirepass " + password)
            .setting("dir " + directory)
            .setting("pidfile " + directory.resolve("redis.pid"))
            .setting("save \"\"")
            .setting("daemonize no")
            // Nobody else drains its output, and a full pipe would stop it.
            .soutListener(line -> {})
            .serrListener(line -> {})
            .build();
    starting.start();
    server = starting;
  }

  /** Stops the server process. Its content lies on disk until {@link #start()}. */
  synchronized void stop() throws IOException {
    if (server == null) {
      return;
    }
    try (RedisConnection connection = connect(0)) {
      connection.call("SAVE");
    }
    server.stop();
    server = null;
  }

  /** Empties the server and fills it with the content it started with. */
  void reset() throws IOException {
    try (RedisConnection redis = connect(0)) {
      redis.call("FLUSHALL");
      for (int user = 1; user <= USERS; user++) {
        redis.call("SET", "session:" + user, "s-" + user * 7919L, "EX", 86_400);
        redis.call(
            "HSET",
            "user:" + user,
            "name",
            "User " + user,
            "language",
            user % 3 == 0 ? "zh" : "en");
        redis.call("SADD", "chat:" + user % 20 + ":members", user, "ou_" + user);
        redis.call("ZADD", "ranking", user * 37 % 101 / 10.0, "user:" + user);
        redis.call("RPUSH", "queue:outgoing", "{\"to\":" + user + ",\"text\":\"line \\n two\"}");
      }
      for (int item = 1; item <= 50; item++) {
        redis.call("XADD", "events", item + "-0", "type", "message", "user", item);
      }
      redis.call("SET", "lock:reindex", "worker-3", "PX", 3_600_000);
      redis.call("SET", "flags", new byte[] {0, (byte) 0xff, '\r', '\n', (byte) 0x80});
      redis.call("PFADD", "visitors:2024-06", "a", "b", "c");
      redis.call("SELECT", 1);
      redis.call("SET", "session:1", "staging");
      redis.call("HSET", "feature:persistence", "on", "true");
    }
  }

  RedisConnection connect(int database) throws IOException {
    return new RedisConnection(url(database), 5_000);
  }

  URI url(int database) {
    return URI.create("redis://:%s@127.0.0.1:%d/%d".formatted(password, port, database));
  }

  int port() {
    return port;
  }

  String password() {
    return password;
  }

  @Override
  public synchronized void close() throws IOException {
    if (server != null) {
      server.stop();
      server = null;
    }
  }
}
