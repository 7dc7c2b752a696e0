package io.belay.capability.document;

import io.belay.capability.document.MigrationFiles.Placed;
import io.belay.capability.document.MigrationFiles.PlacedFile;
import io.belay.target.Cancellation;
import io.belay.target.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compares the new files with the legacy ones, every document by its content, and checks the rules
 * on them. What applications wrote to the new files since is no fault of the migration: lines after
 * the migrated ones are read but not compared, and files that an application has rewritten (the
 * library does that whenever it opens one) are compared strictly only until a validation has once
 * found them correct.
 */
public final class DocumentValidation {

  /** What is known of a new file's history. */
  enum History {
    /** It is what the migration wrote, with or without further lines. */
    INTACT,
    /** It was rewritten after a validation had found it correct. */
    REWRITTEN,
    /** Nothing is known, so every difference counts. */
    UNKNOWN
  }

  private final DocumentStoreTarget target;
  private final double slowdownLimit;
  private final Progress progress;
  private final Cancellation cancellation;
  private final DocumentRules rules;
  private final List<StoreComparison> comparisons = new ArrayList<>();
  private final Map<String, Long> fileBytes = new LinkedHashMap<>();
  private ReadTimes times;
  private long bytesTotal;

  private DocumentValidation(
      DocumentStoreTarget target,
      double slowdownLimit,
      Progress progress,
      Cancellation cancellation) {
    this.target = target;
    this.slowdownLimit = slowdownLimit;
    this.progress = progress;
    this.cancellation = cancellation;
    this.rules = new DocumentRules(target);
  }

  /**
   * Changes nothing.
   *
   * @param slowdownLimit factor by which reads from the new files may be slower than from the
   *     legacy ones without a warning
   * @throws IOException when a file cannot be read
   */
  public static ValidationReport validate(
      DocumentStoreTarget target,
      double slowdownLimit,
      Progress progress,
      Cancellation cancellation)
      throws IOException {
    return new DocumentValidation(target, slowdownLimit, progress, cancellation).run();
  }

  private ValidationReport run() throws IOException {
    long began = System.nanoTime();
    ValidationFindings findings = new ValidationFindings(target);
    List<String> absent = new ArrayList<>();
    for (NewFile store : NewFile.of(target)) {
      if (!Files.exists(store.path())) {
        absent.add(store.name());
      }
    }
    if (!absent.isEmpty()) {
      return findings.withoutNewFiles(absent);
    }
    Sizes sizes = Sizes.of(target);
    for (NewFile store : NewFile.of(target)) {
      bytesTotal += Files.size(store.path());
    }
    bytesTotal += sizes.bytes();
    times = new ReadTimes(target, sizes.bytes() / 400);
    Optional<Placed> placed = new MigrationFiles(target).readPlaced();
    for (NewFile store : NewFile.of(target)) {
      comparisons.add(compareLegacy(store, placed));
    }
    for (int i = 0; i < comparisons.size(); i++) {
      comparisons.set(i, compareNew(comparisons.get(i)));
    }
    rules.conclude((collection, id) -> comparisons.stream().anyMatch(one -> one.hasExtra(id)));
    Double slowdown = sizes.files() == 0 ? null : times.slowdown(cancellation).orElse(null);
    return findings.report(
        comparisons,
        LateWrites.find(target, true, offset -> cancellation.throwIfCancelled()),
        rules,
        sizes,
        slowdown,
        slowdownLimit,
        (System.nanoTime() - began) / 1_000_000);
  }

  private StoreComparison compareLegacy(NewFile store, Optional<Placed> placed) throws IOException {
    PlacedFile file = placed.map(p -> p.files().get(store.name())).orElse(null);
    History history = history(store, file, placed.map(Placed::validated).orElse(false));
    StoreComparison comparison =
        new StoreComparison(
            store,
            history,
            history == History.INTACT ? file.size() : Long.MAX_VALUE,
            new ContentHash.Raw());
    comparison.readLegacy(this::report, times::legacy);
    return comparison;
  }

  static History history(NewFile store, PlacedFile placed, boolean validated) throws IOException {
    if (placed == null) {
      return History.UNKNOWN;
    }
    boolean intact =
        Files.size(store.path()) >= placed.size()
            && FileState.hash(store.path(), placed.size()).equals(placed.sha256());
    return intact ? History.INTACT : validated ? History.REWRITTEN : History.UNKNOWN;
  }

  private StoreComparison compareNew(StoreComparison raw) throws IOException {
    raw.readNew(
        this::report,
        (line, buffer, start, end, offset) -> {
          times.migrated(line, offset);
          rules.check(line, buffer, start, end, this::legacyHas);
        });
    if (raw.same()) {
      return raw;
    }
    StoreComparison canonical = raw.by(new ContentHash.Canonical());
    canonical.readLegacy(this::report, (collection, line, offset) -> {});
    canonical.readNew(this::report, (line, buffer, start, end, offset) -> {});
    return canonical;
  }

  private boolean legacyHas(String collection, String id) {
    for (StoreComparison one : comparisons) {
      if (one.legacyHas(collection, id)) {
        return true;
      }
    }
    return false;
  }

  private void report(String file, long offset) {
    cancellation.throwIfCancelled();
    fileBytes.put(file, offset);
    long done = fileBytes.values().stream().mapToLong(Long::longValue).sum();
    progress.report(Math.min(done, bytesTotal), bytesTotal, "bytes", "comparing " + file);
  }
}
