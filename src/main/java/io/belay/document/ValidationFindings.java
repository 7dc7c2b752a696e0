package io.belay.document;

import io.belay.document.DocumentValidation.History;
import io.belay.target.DocumentStoreTarget;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Puts what a validation found into words, and sorts it by how bad it is. */
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
      DocumentRules rules,
      History history,
      Sizes sizes,
      Double slowdown,
      double slowdownLimit,
      long millis)
      throws IOException {
    boolean legacyGone = sizes.files() == 0;
    long documents = 0;
    for (StoreComparison one : comparisons) {
      compare(one, history, legacyGone);
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
    info(comparisons, history, sizes, slowdown, documents, millis);
    return end(documents, slowdown);
  }

  private void compare(StoreComparison one, History history, boolean legacyGone) {
    String file = one.store().name();
    add(
        critical,
        DATA,
        "unreadable",
        "%,d lines cannot be read".formatted(one.unreadableLines()),
        one.unreadableLines(),
        one.unreadable());
    List<ValidationResult> differences = history == History.REWRITTEN ? warnings : critical;
    String why =
        history == History.REWRITTEN
            ? " (applications have written the file anew since it was validated)"
            : "";
    if (!legacyGone) {
      add(
          differences,
          DATA,
          "missing",
          "%,d documents of the legacy files are missing in %s%s"
              .formatted(one.missing(), file, why),
          one.missing(),
          one.missingExamples());
      add(
          differences,
          DATA,
          "different",
          "%,d documents in %s are not what they were%s".formatted(one.different(), file, why),
          one.different(),
          one.differentExamples());
      add(
          critical,
          DATA,
          "revived",
          "%,d deleted documents are back in %s".formatted(one.revived(), file),
          one.revived(),
          one.revivedExamples());
      add(
          warnings,
          DATA,
          "added",
          "%,d documents in %s are in no legacy file".formatted(one.extra(), file),
          one.extra(),
          one.extraExamples());
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
                    "%,d references of %s lead to no document of %s"
                        .formatted(broken.count(), rule.from(), rule.to()),
                    broken.count(),
                    broken.examples()));
  }

  private void info(
      List<StoreComparison> comparisons,
      History history,
      Sizes sizes,
      Double slowdown,
      long documents,
      long millis)
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
    configuration.add("the new files are " + history.name().toLowerCase(java.util.Locale.ROOT));
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
        recommendations(overall),
        Instant.now().truncatedTo(ChronoUnit.MILLIS),
        documents,
        slowdown);
  }

  private List<String> recommendations(boolean overall) {
    List<String> recommendations = new ArrayList<>();
    if (!overall) {
      recommendations.add("Roll back: the new files must not be used as they are.");
    }
    Stream.concat(critical.stream(), warnings.stream())
        .map(ValidationFindings::advice)
        .distinct()
        .forEach(recommendations::add);
    if (recommendations.isEmpty()) {
      recommendations.add("Go on to hybrid mode and watch the queries.");
    }
    return recommendations;
  }

  private static String advice(ValidationResult finding) {
    return switch (finding.check()) {
      case "new-files" -> "Run the migration; there is nothing to validate yet.";
      case "unreadable" -> "Repair the named lines, or restore the newest verified snapshot.";
      case "missing", "different", "revived" ->
          "Stop what writes to the files, take the migration back and begin again.";
      case "added" -> "Make sure that an application added these documents.";
      case "legacy" -> "Keep the snapshot: it is all that is left of the legacy files.";
      case "collection" -> "Find what writes documents without their collection.";
      case "administrator" ->
          "Give an administrator level 1 in the legacy files, then migrate again.";
      case "passwords" -> "Hash these passwords in the application, and have them changed.";
      case "references" -> "Look at the broken references; they were in the legacy files before.";
      case "slowdown" -> "Measure the queries in hybrid mode before the mode is set to new.";
      default -> throw new IllegalArgumentException(finding.check());
    };
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
