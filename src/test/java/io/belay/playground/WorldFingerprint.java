package io.belay.playground;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the world is like: schema and content of each database, content of Redis, routes, running
 * processes, configuration files, the files of the document store and how its queries are answered.
 * Two of them are equal when a rollback left nothing behind. Takes nothing from the code that it
 * judges.
 *
 * @param facts what was looked at, and what was seen there; content as hashes
 */
public record WorldFingerprint(SortedMap<String, String> facts) {

  private static final String DATABASE = "database ";

  static WorldFingerprint take(
      PlaygroundPostgres postgres,
      PlaygroundRedis redis,
      PlaygroundGateway gateway,
      ServiceControl services,
      Path configuration,
      DocumentFiles documents,
      WorldParts extras)
      throws Exception {
    SortedMap<String, String> facts = new TreeMap<>(ofDatabases(postgres));
    try (RedisConnection connection = redis.connect(0)) {
      RedisContent.describe(connection, facts);
    }
    facts.put("gateway", gateway.routes());
    facts.put("process gateway", gateway.runs() ? "runs" : "does not run");
    for (String slot : Slots.ALL) {
      facts.put(
          "process " + slot, services.running(slot).map(PidFile.Entry::what).orElse("nothing"));
    }
    try (Stream<Path> files = Files.walk(configuration)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        facts.put("file " + configuration.relativize(file), hash(Files.readAllBytes(file)));
      }
    }
    documents.describe(facts);
    extras.describe(facts);
    return new WorldFingerprint(facts);
  }

  static SortedMap<String, String> ofDatabases(PlaygroundPostgres postgres) throws SQLException {
    SortedMap<String, String> facts = new TreeMap<>();
    for (String name : postgres.databases()) {
      try (Connection connection = postgres.connect(name)) {
        DatabaseContent.describe(connection)
            .forEach((what, seen) -> facts.put(DATABASE + name + ": " + what, seen));
      }
    }
    return facts;
  }

  SortedMap<String, String> databases() {
    SortedMap<String, String> databases = new TreeMap<>(facts);
    databases.keySet().removeIf(fact -> !fact.startsWith(DATABASE));
    return databases;
  }

  /** One line for each fact that is not as in {@code earlier}; empty when nothing differs. */
  public List<String> differencesFrom(WorldFingerprint earlier) {
    SortedSet<String> all = new TreeSet<>(facts.keySet());
    all.addAll(earlier.facts.keySet());
    List<String> differences = new ArrayList<>();
    for (String fact : all) {
      String before = earlier.facts.get(fact);
      String now = facts.get(fact);
      if (!Objects.equals(before, now)) {
        differences.add("%s: was %s, is %s".formatted(fact, before, now));
      }
    }
    return differences;
  }

  static String hash(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(digest, 0, 8) + " of " + bytes.length + " bytes";
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    StringBuilder lines = new StringBuilder();
    facts.forEach((what, seen) -> lines.append(what).append(" = ").append(seen).append('\n'));
    return lines.toString();
  }
}
