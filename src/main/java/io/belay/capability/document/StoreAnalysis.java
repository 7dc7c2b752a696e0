package io.belay.capability.document;

import io.belay.artifact.ArtifactStore;
import io.belay.target.Cancellation;
import io.belay.target.Progress;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes a {@link DocumentAnalysis}. */
final class StoreAnalysis {

  /**
   * How many times longer than reading a migration takes: it also writes, and reads back what it
   * wrote.
   */
  private static final double MIGRATION_TO_READING = 3;

  private final DocumentStoreTarget target;
  private final ArtifactStore artifacts;
  private final Progress progress;
  private final Cancellation cancellation;
  private final List<String> reasons = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final List<CollectionAnalysis> collections = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();
  private final List<UnreadableLine> unreadable = new ArrayList<>();
  private final List<IdCollision> collisions = new ArrayList<>();
  private long collidingIds;
  private long unreadableLines;
  private final Map<String, Long> read = new HashMap<>();

  StoreAnalysis(
      DocumentStoreTarget target,
      ArtifactStore artifacts,
      Progress progress,
      Cancellation cancellation) {
    this.target = target;
    this.artifacts = artifacts;
    this.progress = progress;
    this.cancellation = cancellation;
  }

  DocumentAnalysis run() throws IOException {
    if (!Files.isDirectory(target.legacy())) {
      throw new TargetException("%s is no directory".formatted(target.legacy()));
    }
    Sizes sizes = Sizes.of(target);
    long began = System.nanoTime();
    for (NewFile store : NewFile.of(target)) {
      StoreScan scan =
          StoreScan.of(
              store,
              (collection, offset) -> {
                cancellation.throwIfCancelled();
                read.put(collection, offset);
                long done = read.values().stream().mapToLong(Long::longValue).sum();
                progress.report(done, sizes.bytes(), "bytes", "reading " + store.name());
              });
      scan.collections().forEach(one -> collection(one, store));
      collidingIds += scan.collisions();
      collisions.addAll(scan.collisions(DocumentAnalysis.EXAMPLES - collisions.size()));
      warnings.addAll(StoreIndexes.of(scan).notes());
    }
    long nanos = System.nanoTime() - began;
    if (collidingIds > 0) {
      warnings.add(
          "%,d documents get another _id, because an earlier collection of the same new file has theirs"
              .formatted(collidingIds));
    }
    List<String> extra = extra();
    if (!extra.isEmpty()) {
      warnings.add("files of no collection are not migrated: " + String.join(", ", extra));
    }
    directories();
    long needed = sizes.bytes() + sizes.bytes() / 10;
    long free = freeBytes();
    if (free < needed) {
      reasons.add(
          "%,d bytes are needed and %,d are free where the new files go".formatted(needed, free));
    }
    return result(sizes, extra, needed, free, nanos);
  }

  private void collection(CollectionScan one, NewFile store) {
    String name = one.file().getFileName().toString();
    if (one.problem() != null) {
      reasons.add("%s %s".formatted(name, one.problem()));
    }
    if (!one.present()) {
      missing.add(one.collection());
      boolean interrupted = Files.exists(one.file().resolveSibling(name + "~"));
      if (interrupted) {
        reasons.add(
            "%s is missing and %s~ is there: a compaction was interrupted; let the application open it, or rename it"
                .formatted(name, name));
      } else if (!target.optional().contains(one.collection())) {
        reasons.add("%s is missing".formatted(name));
      }
    }
    if (one.present() && one.state() != null && one.state().size() == 0) {
      Path whole = one.file().resolveSibling(name + "~");
      if (Files.exists(whole)) {
        reasons.add(
            "%s is empty and %s~ is there: a compaction was interrupted, and the documents may be in %s~; look at both, then rename the right one"
                .formatted(name, name, name));
      }
    }
    unreadableLines += one.unreadableLines();
    one.unreadable().stream()
        .limit(DocumentAnalysis.EXAMPLES - unreadable.size())
        .forEach(unreadable::add);
    if (one.unreadableLines() > one.tornLines()) {
      reasons.add(
          "%s has %d lines that cannot be read, the first is line %d"
              .formatted(
                  name,
                  one.unreadableLines() - one.tornLines(),
                  one.unreadable().stream()
                      .filter(line -> !line.torn())
                      .findFirst()
                      .orElseThrow()
                      .line()));
    }
    if (one.tornLines() > 0) {
      warnings.add(
          "%s ends with a torn line (its last %,d bytes), which a crash of the application left; what was there before it survives"
              .formatted(name, one.tornBytes()));
    }
    if (one.broken() > 0) {
      warnings.add(
          "%s has %,d documents with characters that the library takes for line breaks, so that it cannot read them; they are escaped in the new file"
              .formatted(name, one.broken()));
    }
    collections.add(
        new CollectionAnalysis(
            one.collection(),
            store.name(),
            one.present(),
            one.winners().length,
            one.deletions(),
            one.superseded(),
            one.state() == null ? 0 : one.state().size(),
            one.indexes().values().stream().map(NedbIndex::toString).toList(),
            one.unreadableLines(),
            one.oldest() == Long.MAX_VALUE ? null : date(one.oldest()),
            one.newest() == Long.MIN_VALUE ? null : date(one.newest()),
            one.state() == null ? null : one.state().sha256()));
  }

  private static Instant date(long millis) {
    return Instant.ofEpochMilli(millis);
  }

  private List<String> extra() throws IOException {
    Set<String> known = new HashSet<>();
    target.collections().forEach(one -> known.add(one + ".db"));
    NewFile.of(target).forEach(store -> known.add(store.name()));
    List<String> extra = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(target.legacy(), "*.db")) {
      for (Path file : files) {
        if (!known.contains(file.getFileName().toString())) {
          extra.add(file.getFileName().toString());
        }
      }
    }
    extra.sort(null);
    return extra;
  }

  private void directories() throws IOException {
    if (!Files.isDirectory(target.store())) {
      reasons.add("%s is no directory".formatted(target.store()));
    } else if (!Files.isWritable(target.store())) {
      reasons.add("Belay cannot write to %s".formatted(target.store()));
    }
    if (Files.exists(target.state()) && !Files.isWritable(target.state())) {
      reasons.add("Belay cannot write to %s".formatted(target.state()));
    }
    new MigrationFiles(target)
        .readRestoring()
        .ifPresent(
            left ->
                reasons.add(
                    "the restore of snapshot %s was begun and is not finished"
                        .formatted(left.snapshot())));
  }

  private long freeBytes() throws IOException {
    Path there = target.store();
    while (there != null && !Files.exists(there)) {
      there = there.toAbsolutePath().getParent();
    }
    return there == null ? 0 : Files.getFileStore(there).getUsableSpace();
  }

  private DocumentAnalysis result(
      Sizes sizes, List<String> extra, long needed, long free, long nanos) {
    Duration known = Throughput.duration(sizes.bytes());
    return new DocumentAnalysis(
        reasons.isEmpty(),
        reasons,
        warnings,
        collections,
        collections.stream().mapToLong(CollectionAnalysis::documents).sum(),
        collections.stream().mapToLong(CollectionAnalysis::deletions).sum(),
        sizes.bytes(),
        missing,
        extra,
        unreadable,
        unreadableLines,
        collisions,
        collidingIds,
        collections.stream()
            .map(CollectionAnalysis::oldest)
            .filter(date -> date != null)
            .min(Instant::compareTo)
            .orElse(null),
        collections.stream()
            .map(CollectionAnalysis::newest)
            .filter(date -> date != null)
            .max(Instant::compareTo)
            .orElse(null),
        needed,
        free,
        artifacts.freeBytes(),
        known != null ? known : Duration.ofMillis((long) (nanos / 1e6 * MIGRATION_TO_READING)));
  }
}
