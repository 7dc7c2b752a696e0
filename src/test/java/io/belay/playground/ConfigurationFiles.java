package io.belay.playground;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;

/**
 * The {@code .env} files that the processes read. v2's lacks the two renamed keys, as after a real
 * first try: without them v2 starts but is not ready. Staging's is complete.
 */
final class ConfigurationFiles {

  /** What v2 reads and v1 did not know. */
  static final String ADDED =
      """
      # v2: rate limiting
      RATE_LIMIT_WINDOW_MS=60000
      RATE_LIMIT_MAX_REQUESTS=100

      AI_SERVICE_TIMEOUT=2000
      HEALTH_CHECK_TIMEOUT=1000
      """;

  private final Path directory;
  private final PlaygroundPostgres postgres;
  private final PlaygroundRedis redis;
  private final PlaygroundMongo mongo;
  private final AiService ai;
  private final String appSecret = Passwords.generate();
  private final String webhookToken = Passwords.generate();

  ConfigurationFiles(
      Path worldDirectory,
      PlaygroundPostgres postgres,
      PlaygroundRedis redis,
      PlaygroundMongo mongo,
      AiService ai)
      throws IOException {
    this.directory = Files.createDirectories(worldDirectory.resolve("config"));
    this.postgres = postgres;
    this.redis = redis;
    this.mongo = mongo;
    this.ai = ai;
    reset();
  }

  String webhookToken() {
    return webhookToken;
  }

  Path directory() {
    return directory;
  }

  /** Writes the three files as they were at first and removes all others. */
  void reset() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    write("v1", common(PlaygroundPostgres.DATABASE, 0) + lark("FEISHU", appSecret));
    write("v2", common(PlaygroundPostgres.DATABASE, 0) + ADDED);
    write("staging", common(PlaygroundPostgres.STAGING, 1) + lark("LARK", appSecret) + ADDED);
  }

  private String common(String database, int cache) {
    return common(
        postgres.url(database),
        redis.url(cache).toString(),
        "mongodb://127.0.0.1:%d/documents".formatted(mongo.port()),
        ai.url().toString(),
        webhookToken);
  }

  /** What both versions read. */
  static String common(String database, String redis, String mongo, String ai, String token) {
    return """
    # main server
    NODE_ENV=production
    LOG_LEVEL=info
    DATABASE_URL=%s
    REDIS_URL=%s
    MONGODB_URL=%s
    AI_SERVICE_URL=%s
    LARK_VERIFICATION_TOKEN=%s
    """
        .formatted(database, redis, mongo, ai, token);
  }

  /** The two keys that v2 renamed. */
  static String lark(String prefix, String secret) {
    return "%s_APP_ID=cli_a1b2c3d4\n%s_APP_SECRET=%s\n".formatted(prefix, prefix, secret);
  }

  private void write(String name, String content) throws IOException {
    Path file = directory.resolve(name + ".env");
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, content);
  }
}
