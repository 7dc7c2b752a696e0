package io.belay.artifact;

import java.time.Instant;
import java.util.Map;

/**
 * A file that a run produced, as its manifest describes it.
 *
 * @param id {@code <run id>/<file name>}, unique
 * @param kind for example {@code postgres-backup}, {@code redis-backup}, {@code configuration},
 *     {@code fingerprint}, {@code report}
 * @param sha256 of the file's bytes on disk, in lower-case hex
 * @param size of the file, in bytes
 * @param encrypted whether the bytes are encrypted with the configured key
 * @param details tool version, source fingerprint, counts, and the command that restores it by hand
 */
public record Artifact(
    String id,
    String runId,
    String name,
    String kind,
    String sha256,
    long size,
    boolean encrypted,
    Instant createdAt,
    Map<String, String> details) {}
