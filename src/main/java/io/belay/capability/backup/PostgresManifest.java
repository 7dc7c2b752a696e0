package io.belay.capability.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.artifact.Artifact;
import io.belay.target.RestoreWay;
import io.belay.target.TargetException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The details in the manifest of a PostgreSQL backup.
 *
 * @param target name of the target that was backed up
 * @param content what the snapshot held
 * @param way in which it will be restored; {@code AUTO} if an older Belay has not decided
 */
record PostgresManifest(String target, DumpFormat format, DatabaseContent content, RestoreWay way) {

  /** The artifacts' kind. */
  static final String KIND = "postgres-backup";

  /** The detail that says, for people, why it will be restored that way. */
  static final String WHY = "restoreWayBecause";

  private static final String WAY = "restoreWay";
  private static final String RIGHTS = "rights";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Uncompressed size of the dump, in bytes; 0 if an older Belay has not recorded it. */
  static long plainBytes(Artifact artifact) {
    return Long.parseLong(artifact.details().getOrDefault("plainBytes", "0"));
  }

  /** The details that Belay reads again; callers add those for people. */
  Map<String, String> toDetails() {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("target", target);
    details.put("format", format.name());
    details.put(WAY, way.name());
    details.put("fingerprint", content.fingerprint());
    details.put(RIGHTS, content.rights());
    details.put("extensionTables", Integer.toString(content.extensionTables()));
    details.put("publicSchema", Boolean.toString(content.publicSchema()));
    details.put("rows", Long.toString(content.rows()));
    try {
      details.put("tables", JSON.writeValueAsString(content.tables()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    return details;
  }

  /**
   * @throws TargetException when the manifest lacks something: the backup cannot be relied on
   */
  static PostgresManifest of(Artifact artifact) {
    try {
      SortedMap<String, Long> tables =
          JSON.readValue(detail(artifact, "tables"), new TypeReference<TreeMap<String, Long>>() {});
      return new PostgresManifest(
          detail(artifact, "target"),
          DumpFormat.valueOf(detail(artifact, "format")),
          new DatabaseContent(
              tables,
              Integer.parseInt(detail(artifact, "extensionTables")),
              bool(detail(artifact, "publicSchema")),
              detail(artifact, "fingerprint"),
              artifact.details().getOrDefault(RIGHTS, DatabaseContent.UNKNOWN)),
          RestoreWay.valueOf(artifact.details().getOrDefault(WAY, RestoreWay.AUTO.name())));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new TargetException("the manifest of backup %s is damaged".formatted(artifact.id()), e);
    }
  }

  private static boolean bool(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static String detail(Artifact artifact, String name) {
    String value = artifact.details().get(name);
    if (value == null) {
      throw new TargetException(
          "the manifest of backup %s says nothing about '%s'".formatted(artifact.id(), name));
    }
    return value;
  }
}
