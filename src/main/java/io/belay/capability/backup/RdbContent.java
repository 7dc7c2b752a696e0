package io.belay.capability.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.artifact.Artifact;
import io.belay.target.TargetException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an RDB holds.
 *
 * @param version of the RDB format
 * @param server version of the Redis that wrote it
 * @param keys number of keys by database number
 * @param bytes of the RDB itself
 * @param memory that the server used when it wrote it, in bytes; 0 if it did not say
 */
record RdbContent(int version, String server, SortedMap<Long, Long> keys, long bytes, long memory) {

  /** The kind of artifacts that contain an RDB. */
  static final String KIND = "redis-backup";

  private static final ObjectMapper JSON = new ObjectMapper();

  long total() {
    return keys.values().stream().mapToLong(Long::longValue).sum();
  }

  Map<String, String> toDetails(String target) {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("target", target);
    details.put("rdbVersion", Integer.toString(version));
    details.put("server", server);
    details.put("rdbBytes", Long.toString(bytes));
    details.put("memoryBytes", Long.toString(memory));
    details.put("keys", Long.toString(total()));
    try {
      details.put("databases", JSON.writeValueAsString(keys));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    return details;
  }

  /**
   * Reads the content from the manifest.
   *
   * @throws TargetException when the manifest lacks something: the backup cannot be relied on
   */
  static RdbContent of(Artifact artifact) {
    Map<String, String> details = artifact.details();
    try {
      return new RdbContent(
          Integer.parseInt(details.get("rdbVersion")),
          Objects.requireNonNull(details.get("server"), "server"),
          JSON.readValue(
              String.valueOf(details.get("databases")),
              new TypeReference<TreeMap<Long, Long>>() {}),
          Long.parseLong(details.get("rdbBytes")),
          Long.parseLong(details.getOrDefault("memoryBytes", "0"))); // not in earlier backups
    } catch (JsonProcessingException | NumberFormatException | NullPointerException e) {
      throw new TargetException("the manifest of backup %s is damaged".formatted(artifact.id()), e);
    }
  }
}
