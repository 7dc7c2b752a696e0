package io.belay.capability.document;

import io.belay.capability.document.DocumentValidation.History;
import io.belay.capability.document.LateWrites.LateWrite;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Describes a validation's findings in words, sorted by severity. */
final class ValidationFindings {

  private static final String DATA = "data-integrity";
  private static final String SECURITY = "security";
  private static final String BUSINESS = "business-logic";
  private static final String PERFORMANCE = "performance";
  private static final String SYSTEM = "system";

  private final DocumentStoreTarget target;
  private final List<ValidationResult> critical = new ArrayList<>();
  private final List<ValidationResult> warnings = new ArrayList<>();
  private final List<ValidationResult> info = new ArrayList<>();

  ValidationFindings(DocumentStoreTarget target) {
    this.target = target;
  }

  ValidationReport withoutNewFiles(List<String> absent) {
    critical.add(
        new ValidationResult(
            DATA,
            "new-files",
            String.join(" and ", absent) + " is missing",
            absent.size(),
            absent));
    return end(0, null);
  }

  ValidationReport report(
      List<StoreComparison> comparisons,
      List<LateWrite> late,
      DocumentRules rules,
      Sizes sizes,
      Double slowdown,
      double slowdownLimit,
      long millis)
      throws IOException {
    boolean legacyGone = sizes.files() == 0;
    long documents = 0;
    late.forEach(one -> add(critical, DATA, "late-writes", one.toString(), 1, one.documents()));
    for (StoreComparison one : comparisons) {
      compare(one, legacyGone, late);
      documents += one.counts().values().stream().mapToLong(Long::longValue).sum();
    }
    legacyFiles(legacyGone);
    rules(rules);
    if (slowdown != null && slowdown > slowdownLimit) {
      add(
          warnings,
          PERFORMANCE,
          "slowdown",
          "reading a document from the new files takes %.2f times as long as from the legacy ones; the limit is %.2f"
              .formatted(slowdown, slowdownLimit),
          1,
          List.of());
    }
    info(comparisons, sizes, slowdown, documents, millis);
    return end(documents, slowdown);
  }

  private void compare(StoreComparison one, boolean legacyGone, List<LateWrite> late) {
    String file = one.store().name();
    add(critical, DATA, "unreadable", "lines cannot be read", one.unreadable());
    if (!legacyGone) {
      // A file that was once correct and has been replaced was changed by applications: an update
      // can no longer be distinguished from a fault.
      boolean changed = one.history() == History.REWRITTEN;
      List<ValidationResult> differences = changed ? warnings : critical;
      String why =
          (changed ? " (applications have written the file anew since it was validated)" : "")
              + (late.isEmpty() ? "" : " (legacy files were written to after they were moved)");
      add(
          differences,
          DATA,
          "missing",
          "documents of the legacy files are missing in %s%s".formatted(file, why),
          one.missing());
      add(
          differences,
          DATA,
          "different",
          "documents in %s are not what they were%s".formatted(file, why),
          one.different());
      add(
          differences,
          DATA,
          "revived",
          "deleted documents are back in %s%s".formatted(file, why),
          one.revived());
      add(
          warnings,
          DATA,
          "added",
          "documents in %s are in no legacy file".formatted(file),
          one.extra());
    }
    add(
        warnings,
        DATA,
        "collection",
        "%,d documents in %s have no %s"
            .formatted(one.untagged(), file, MigratedDocument.COLLECTION),
        one.untagged(),
        List.of());
  }

  private void legacyFiles(boolean legacyGone) throws IOException {
    if (legacyGone) {
      add(
          warnings,
          DATA,
          "legacy",
          "the legacy files are gone, so nothing could be compared with them",
          1,
          List.of());
      return;
    }
    List<String> missing = new ArrayList<>();
    for (String collection : target.collections()) {
      if (FileState.attributes(target.legacyFile(collection)).isEmpty()
          && !target.optional().contains(collection)) {
        missing.add(collection + ".db");
      }
    }
    add(
        critical,
        DATA,
        "legacy",
        "legacy files are missing, so their documents could not be compared",
        missing.size(),
        missing);
  }

  private void rules(DocumentRules rules) {
    if (!rules.hasAdministrator()) {
      add(
          critical,
          BUSINESS,
          "administrator",
          "no document of %s has %s %s, so nobody could administer the application"
              .formatted(
                  target.administrators().collection(),
                  target.administrators().field(),
                  target.administrators().value()),
          1,
          List.of());
    }
    add(
        critical,
        SECURITY,
        "passwords",
        "%,d passwords are no hash of bcrypt, argon2, scrypt or PBKDF2"
            .formatted(rules.badPasswordCount()),
        rules.badPasswordCount(),
        rules.badPasswords());
    rules
        .broken()
        .forEach(
            (rule, broken) ->
                add(
                    warnings,
                    BUSINESS,
                    "references",
                    "references of " + rule.from() + " lead to no document of " + rule.to(),
                    broken));
  }

  private void info(
      List<StoreComparison> comparisons, Sizes sizes, Double slowdown, long documents, long millis)
      throws IOException {
    List<String> counts = new ArrayList<>();
    long later = 0;
    long size = 0;
    for (StoreComparison one : comparisons) {
      one.counts().forEach((name, count) -> counts.add("%s: %,d".formatted(name, count)));
      later += one.later();
      size += FileState.attributes(one.store().path()).map(FileState::size).orElse(0L);
    }
    add(info, DATA, "documents", "%,d documents".formatted(documents), documents, counts);
    add(
        info,
        SYSTEM,
        "size",
        "%,d bytes in %d legacy files, %,d in the new ones"
            .formatted(sizes.bytes(), sizes.files(), size),
        size,
        List.of());
    add(
        info,
        SYSTEM,
        "time",
        "validated in %,d ms".formatted(millis),
        Math.max(1, millis),
        List.of());
    add(
        info,
        DATA,
        "written-since",
        "%,d lines were written by applications since the migration".formatted(later),
        later,
        List.of());
    if (slowdown != null) {
      add(
          info,
          PERFORMANCE,
          "reads",
          "reading a document from the new files takes %.2f times as long as from the legacy ones"
              .formatted(slowdown),
          1,
          List.of());
    }
    MigrationFiles files = new MigrationFiles(target);
    List<String> configuration = new ArrayList<>();
    files
        .readPlaced()
        .ifPresent(
            placed ->
                configuration.add(
                    "run %s put the new files in place at %s"
                        .formatted(placed.runId(), placed.at().truncatedTo(ChronoUnit.SECONDS))));
    for (StoreComparison one : comparisons) {
      configuration.add(
          "%s: %s".formatted(one.store().name(), one.history().name().toLowerCase(Locale.ROOT)));
    }
    FileState.attributes(files.mode())
        .ifPresent(
            mode ->
                configuration.add(
                    "the query mode was set at "
                        + Instant.ofEpochMilli(mode.modified()).truncatedTo(ChronoUnit.SECONDS)));
    add(info, SYSTEM, "configuration", target.describe(), configuration.size(), configuration);
  }

  private ValidationReport end(long documents, Double slowdown) {
    boolean overall = critical.isEmpty();
    return new ValidationReport(
        overall,
        critical,
        warnings,
        info,
        ValidationAdvice.of(critical, warnings),
        Instant.now().truncatedTo(ChronoUnit.MILLIS),
        documents,
        slowdown);
  }

  private static void add(
      List<ValidationResult> to, String category, String check, String what, Tally found) {
    String message = "%,d %s".formatted(found.count(), what);
    add(to, category, check, message, found.count(), found.examples());
  }

  private static void add(
      List<ValidationResult> to,
      String category,
      String check,
      String message,
      long count,
      List<String> examples) {
    if (count > 0) {
      to.add(new ValidationResult(category, check, message, count, List.copyOf(examples)));
    }
  }
}
