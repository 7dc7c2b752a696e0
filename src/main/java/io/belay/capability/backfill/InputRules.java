package io.belay.capability.backfill;

import java.util.ArrayList;
import java.util.List;

/** What can be said of a backfill's input without the database. */
final class InputRules {

  /** One statement must not hold a large part of a table locked. */
  private static final int LARGEST_BATCH = 100_000;

  private final List<String> problems = new ArrayList<>();

  private InputRules() {}

  /** Rules that do not hold, each with the input's name. */
  static List<String> problems(BackfillRows.Input input) {
    InputRules rules = new InputRules();
    rules.check(input);
    return rules.problems;
  }

  private void check(BackfillRows.Input input) {
    parsed("'table': ", () -> SqlText.names(input.table(), '.'));
    if (problems.isEmpty() && SqlText.names(input.table(), '.').size() > 2) {
      problems.add("'table' must be a name, or a schema and a name");
    }
    parsed("'key': ", input::wantedKey);
    parsed("", input::assigned);
    parsed("'condition' ", input::where);
    if (!input.load().isBlank()) {
      parsed("'load' ", () -> SqlText.expression(input.load()));
    }
    if (input.batch() > LARGEST_BATCH) {
      problems.add("'batch' must be at most %d".formatted(LARGEST_BATCH));
    }
    if (input.lockTimeout().toMillis() < 1) {
      problems.add("'lockTimeout' must be at least 1 ms; with 0 a batch would wait without limit");
    }
    if (input.pause().isNegative() || input.lockedWithin().isNegative()) {
      problems.add("'pause' and 'lockedWithin' must not be negative");
    }
  }

  private void parsed(String input, Runnable parse) {
    try {
      parse.run();
    } catch (IllegalArgumentException e) {
      problems.add(input + e.getMessage());
    }
  }
}
