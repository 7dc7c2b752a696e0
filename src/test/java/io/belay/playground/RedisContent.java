package io.belay.playground;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;

/**
 * Reads the content of a Redis server: type, value and whether it expires, of each key. Values are
 * read by type and sorted where they have no order, because the same set has many DUMPs.
 */
final class RedisContent {

  private static final int DATABASES = 16;

  private RedisContent() {}

  static void describe(RedisConnection redis, SortedMap<String, String> facts) throws IOException {
    for (int database = 0; database < DATABASES; database++) {
      redis.call("SELECT", database);
      for (Object key : list(redis.call("KEYS", "*"))) {
        String name = new String((byte[]) key, StandardCharsets.UTF_8);
        facts.put("redis " + database + " " + name, value(redis, (byte[]) key));
      }
    }
  }

  private static String value(RedisConnection redis, byte[] key) throws IOException {
    String type = redis.text("TYPE", key);
    Object value =
        switch (type) {
          case "string" -> redis.call("GET", key);
          case "hash" -> pairs(list(redis.call("HGETALL", key)));
          case "set" -> sorted(list(redis.call("SMEMBERS", key)));
          case "list" -> redis.call("LRANGE", key, 0, -1);
          case "zset" -> redis.call("ZRANGE", key, 0, -1, "WITHSCORES");
          case "stream" -> redis.call("XRANGE", key, "-", "+");
          default -> redis.call("DUMP", key);
        };
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    write(value, bytes);
    boolean expires = (Long) redis.call("PTTL", key) >= 0;
    return type + (expires ? " that expires, " : ", ") + WorldFingerprint.hash(bytes.toByteArray());
  }

  private static List<?> list(Object reply) {
    return (List<?>) reply;
  }

  private static List<String> sorted(List<?> values) {
    return values.stream().map(RedisContent::hex).sorted().toList();
  }

  private static List<String> pairs(List<?> flat) {
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < flat.size(); i += 2) {
      pairs.add(hex(flat.get(i)) + "=" + hex(flat.get(i + 1)));
    }
    pairs.sort(null);
    return pairs;
  }

  private static String hex(Object bytes) {
    return HexFormat.of().formatHex((byte[]) bytes);
  }

  /** Every value with its length before it, so that no two different lists give the same bytes. */
  private static void write(Object value, ByteArrayOutputStream out) throws IOException {
    if (value instanceof List<?> items) {
      out.write(("list " + items.size() + ":").getBytes(StandardCharsets.UTF_8));
      for (Object item : items) {
        write(item, out);
      }
    } else {
      byte[] bytes =
          value instanceof byte[] raw
              ? raw
              : String.valueOf(value).getBytes(StandardCharsets.UTF_8);
      out.write((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
      out.write(bytes);
    }
  }
}
