package io.belay.capability.change;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import org.springframework.boot.convert.DurationStyle;

/**
 * What a person who does an item of a checklist is asked for.
 *
 * @param due how long the person should need at most; it decides nothing. Null for no limit
 * @param checks what is confirmed one by one, each by a check box
 */
record ByHand(Proof proof, Duration due, List<String> checks) {

  /** What shows that it is done; the task is not completed without it. */
  enum Proof {
    /** A text that the person pastes. */
    TEXT,
    /** A file that the person uploads. */
    FILE,
    NONE
  }

  /** The keys of an item that only a person's work may have. */
  static final Set<String> KEYS = Set.of("proof", "due", "checks");

  /** As many check boxes as the forms have. */
  static final int MOST_CHECKS = 6;

  private static final int LONGEST_CHECK = 200;
  private static final Duration LONGEST_DUE = Duration.ofDays(365);

  static final ByHand DEFAULT = new ByHand(Proof.TEXT, null, List.of());

  /**
   * @throws IllegalArgumentException naming the key and its rule
   */
  static ByHand of(ItemKeys keys) {
    return new ByHand(proof(keys.text("proof")), due(keys.text("due")), checks(keys));
  }

  private static Proof proof(String text) {
    return switch (text) {
      case "", "text" -> Proof.TEXT;
      case "file" -> Proof.FILE;
      case "none" -> Proof.NONE;
      default -> throw new IllegalArgumentException("'proof' must be one of text, file and none");
    };
  }

  private static Duration due(String text) {
    if (text.isEmpty()) {
      return null;
    }
    try {
      if (!text.matches("[0-9]+")) { // would be milliseconds
        Duration due = DurationStyle.detectAndParse(text);
        if (due.compareTo(Duration.ZERO) > 0 && due.compareTo(LONGEST_DUE) <= 0) {
          return due;
        }
      }
    } catch (RuntimeException e) {
      // said below
    }
    throw new IllegalArgumentException(
        "'due' must be a duration such as 30m, 2h or PT2H, more than 0 and at most 365 days");
  }

  private static List<String> checks(ItemKeys keys) {
    List<String> checks = keys.texts("checks");
    if (checks.size() > MOST_CHECKS) {
      throw new IllegalArgumentException(
          "'checks' has more than %d; make two items of it".formatted(MOST_CHECKS));
    }
    if (checks.stream().anyMatch(check -> check.isBlank() || check.length() > LONGEST_CHECK)) {
      throw new IllegalArgumentException(
          "each of 'checks' must have 1 to %d characters".formatted(LONGEST_CHECK));
    }
    return checks;
  }

  /** The check with that number, from 1; empty when there are fewer. */
  String check(int number) {
    return number <= checks.size() ? checks.get(number - 1) : "";
  }

  /** For the dry run. */
  String describe() {
    StringJoiner text = new StringJoiner("");
    if (!checks.isEmpty()) {
      text.add("; to confirm: " + String.join(", ", checks));
    }
    text.add("; proof: " + proof.name().toLowerCase(Locale.ROOT));
    if (due != null) {
      text.add("; due after " + due);
    }
    return text.toString();
  }
}
