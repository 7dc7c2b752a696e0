package io.belay.capability.document;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.belay.artifact.Artifact;
import java.time.Duration;
import java.time.Instant;

/**
 * A snapshot of all files of a document store, kept as an artifact.
 *
 * @param id of the artifact
 * @param files number of files in it
 * @param bytes of these files
 * @param size of the artifact
 * @param verified whether it was read back and each file's SHA-256 was correct
 */
public record DocumentSnapshot(
    String id,
    String runId,
    Instant createdAt,
    int files,
    long bytes,
    long size,
    boolean encrypted,
    boolean verified) {

  /** Age in seconds. */
  @JsonProperty
  public long ageSeconds() {
    return Math.max(0, Duration.between(createdAt, Instant.now()).toSeconds());
  }

  static DocumentSnapshot of(Artifact artifact, boolean verified) {
    return new DocumentSnapshot(
        artifact.id(),
        artifact.runId(),
        artifact.createdAt(),
        Integer.parseInt(artifact.details().getOrDefault("files", "0")),
        Long.parseLong(artifact.details().getOrDefault("bytes", "0")),
        artifact.size(),
        artifact.encrypted(),
        verified);
  }
}
