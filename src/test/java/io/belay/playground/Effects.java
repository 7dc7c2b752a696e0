package io.belay.playground;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What was done to the world, counted where it was done: by the servers, the gateway, the services
 * and the receiver themselves. Two runs that did the same have the same counts; whatever was done
 * twice is counted twice, also when the second time changed nothing.
 *
 * @param counts by what was done
 */
public record Effects(SortedMap<String, Long> counts) {

  private static final Pattern LIFE = Pattern.compile("\\[(v\\d \\S+)] (started|stopped)");

  /** PostgreSQL's own log: statements that change the schema of the application's database. */
  private static final Pattern STATEMENT =
      Pattern.compile(
          "^\\S+ \\S+ \\S+ %s .*?LOG: +(?:statement|execute [^:]*): +(\\w+ \\w+).*"
              .formatted(PlaygroundPostgres.DATABASE));

  /** Liquibase's lock is taken by every attempt, also by those that then find nothing to do. */
  private static final String LOCK = "databasechangeloglock";

  /** A restore and its rehearsal make databases of their own; the next attempt makes them anew. */
  private static final Pattern OWN_DATABASE = Pattern.compile("belay_re(hearsal|stored|placed)_");

  private static final Pattern REDIS_WRITE =
      Pattern.compile(
          "cmdstat_((?:restore|unlink|del|set|hset|flushall|flushdb|function\\|\\w+)):calls=(\\d+)");

  static Effects take(
      Path world,
      PlaygroundPostgres postgres,
      PlaygroundRedis redis,
      PlaygroundGateway gateway,
      Notifications notifications,
      FileWatch files,
      WorldParts extras)
      throws Exception {
    SortedMap<String, Long> counts = new TreeMap<>();
    counts.put("gateway: changes of the routes", gateway.version());
    notifications.received().forEach(message -> add(counts, "message: " + beginning(message), 1));
    extras.count(counts);
    files.written().forEach((name, times) -> add(counts, "file written: " + name, times));
    services(world.resolve("logs"), counts);
    statements(world.resolve("logs").resolve("postgres.out"), counts);
    changeSets(postgres, counts);
    try (RedisConnection connection = redis.connect(0)) {
      Matcher writes = REDIS_WRITE.matcher(connection.text("INFO", "commandstats"));
      while (writes.find()) {
        counts.put("redis: " + writes.group(1), Long.valueOf(writes.group(2)));
      }
    }
    return new Effects(counts);
  }

  /** What follows may be numbers that were measured. */
  private static String beginning(String message) {
    return message.length() <= 60 ? message : message.substring(0, 60);
  }

  private static void services(Path logs, SortedMap<String, Long> counts) throws IOException {
    try (Stream<Path> files = Files.list(logs)) {
      for (Path log : files.filter(file -> file.toString().endsWith(".log")).toList()) {
        for (String line : Files.readAllLines(log)) {
          Matcher life = LIFE.matcher(line);
          if (life.find()) {
            add(counts, "service: " + life.group(1) + " " + life.group(2), 1);
          }
        }
      }
    }
  }

  private static void statements(Path log, SortedMap<String, Long> counts) throws IOException {
    for (String line : Files.readAllLines(log, StandardCharsets.ISO_8859_1)) {
      Matcher statement = STATEMENT.matcher(line);
      if (statement.matches() && !line.contains(LOCK) && !OWN_DATABASE.matcher(line).find()) {
        add(counts, "sql: " + statement.group(1).toUpperCase(Locale.ROOT), 1);
      }
    }
  }

  private static void changeSets(PlaygroundPostgres postgres, SortedMap<String, Long> counts)
      throws SQLException {
    try (Connection connection = postgres.connect(PlaygroundPostgres.DATABASE);
        Statement statement = connection.createStatement()) {
      if (connection.getMetaData().getTables(null, null, "databasechangelog", null).next()) {
        try (ResultSet sets =
            statement.executeQuery("SELECT id, count(*) FROM databasechangelog GROUP BY id")) {
          while (sets.next()) {
            String id = sets.getString(1).replaceFirst("^\\d{6,}.*", "tag");
            add(counts, "changeset: " + id, sets.getLong(2));
          }
        }
      }
    }
  }

  private static void add(SortedMap<String, Long> counts, String what, long times) {
    counts.merge(what, times, Long::sum);
  }

  /** What was done since {@code earlier}. */
  public Effects since(Effects earlier) {
    SortedMap<String, Long> done = new TreeMap<>();
    counts.forEach(
        (what, times) -> {
          long more = times - earlier.counts.getOrDefault(what, 0L);
          if (more != 0) {
            done.put(what, more);
          }
        });
    return new Effects(done);
  }

  /** One line for each thing that was done another number of times than in {@code reference}. */
  public List<String> differencesFrom(Effects reference) {
    SortedSet<String> all = new TreeSet<>(counts.keySet());
    all.addAll(reference.counts.keySet());
    List<String> differences = new ArrayList<>();
    for (String what : all) {
      long wanted = reference.counts.getOrDefault(what, 0L);
      long seen = counts.getOrDefault(what, 0L);
      if (wanted != seen) {
        differences.add("%s: %d times, expected %d".formatted(what, seen, wanted));
      }
    }
    return differences;
  }

  @Override
  public String toString() {
    StringBuilder lines = new StringBuilder();
    for (Map.Entry<String, Long> effect : counts.entrySet()) {
      lines.append(effect.getValue()).append(" x ").append(effect.getKey()).append('\n');
    }
    return lines.toString();
  }
}
