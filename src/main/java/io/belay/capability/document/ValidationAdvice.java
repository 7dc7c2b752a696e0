package io.belay.capability.document;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What to do about a validation's findings. */
final class ValidationAdvice {

  private ValidationAdvice() {}

  static List<String> of(List<ValidationResult> critical, List<ValidationResult> warnings) {
    List<String> advice = new ArrayList<>();
    if (!critical.isEmpty()) {
      advice.add("Roll back: the new files must not be used as they are.");
    }
    Stream.concat(
            critical.stream().map(ValidationAdvice::advice),
            warnings.stream().map(ValidationAdvice::adviceOnWarning))
        .distinct()
        .forEach(advice::add);
    if (advice.isEmpty()) {
      advice.add("Go on to hybrid mode and watch the queries.");
    }
    return advice;
  }

  private static String adviceOnWarning(ValidationResult finding) {
    return switch (finding.check()) {
      case "missing", "different", "revived" ->
          "Make sure that applications changed these documents since the migration.";
      default -> advice(finding);
    };
  }

  private static String advice(ValidationResult finding) {
    return switch (finding.check()) {
      case "new-files" -> "Run the migration; there is nothing to validate yet.";
      case "unreadable" -> "Repair the named lines, or restore the newest verified snapshot.";
      case "late-writes" ->
          "Find the application that still writes to these legacy files and stop it: the new files do not have its writes.";
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
}
