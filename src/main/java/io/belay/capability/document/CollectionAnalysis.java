package io.belay.capability.document;

import java.time.Instant;
import java.util.List;
import org.springframework.lang.Nullable;

/**
 * What the legacy file of one collection holds.
 *
 * @param store the new file that it goes to: {@code admin.db} or {@code application.db}
 * @param present whether there is a file
 * @param documents number of live documents
 * @param deletions tombstones in the file
 * @param superseded lines that a later line for the same {@code _id} replaced
 * @param bytes of the file
 * @param indexes indexed fields, as {@code email (unique)}
 * @param unreadable number of unreadable lines
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
    @Nullable Instant oldest,
    @Nullable Instant newest,
    @Nullable String sha256) {}
