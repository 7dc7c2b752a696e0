package io.belay.document;

import java.time.Instant;
import java.util.List;

/**
 * What the legacy file of one collection holds.
 *
 * @param store the new file that it goes to: {@code admin.db} or {@code application.db}
 * @param present whether there is a file
 * @param documents that are alive
 * @param deletions tombstones in the file
 * @param superseded lines that a later line for the same {@code _id} replaced
 * @param bytes of the file
 * @param indexes fields that are indexed, as {@code email (unique)}
 * @param unreadable lines that hold nothing readable
 * @param oldest earliest {@code $$date} value; null when there is none
 * @param newest latest {@code $$date} value; null when there is none
 * @param sha256 of the file; null when there is none
 */
public record CollectionAnalysis(
    String collection,
    String store,
    boolean present,
    long documents,
    long deletions,
    long superseded,
    long bytes,
    List<String> indexes,
    long unreadable,
    Instant oldest,
    Instant newest,
    String sha256) {}
