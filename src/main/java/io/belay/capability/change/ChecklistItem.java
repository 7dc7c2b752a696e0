package io.belay.capability.change;

import io.belay.step.Assignments;
import io.belay.step.Comparison;
import io.belay.step.Expectations;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One item of a checklist.
 *
 * @param number from 1, over all parts of the list
 * @param subject the command or http target, or where the number comes from; null for a person
 * @param parameters for the target's commands or requests
 * @param expected what a check expects; empty for exit code 0
 * @param instruction for a person; what is to be seen or done
 * @param rollback for a person who takes it back
 * @param byHand what a person is asked for; the default for all other items
 * @param temporary whether it is taken back at the good end, too
 * @param when a switch and the value that it must have; empty for always
 */
record ChecklistItem(
    int number,
    String name,
    ItemKind kind,
    String subject,
    Assignments parameters,
    String expected,
    String instruction,
    String rollback,
    ByHand byHand,
    boolean temporary,
    Map<String, String> when) {

  private static final Set<String> CHECK =
      Set.of(
          "name", "command", "number", "expected", "parameters", "when", "proof", "due", "checks");
  private static final Set<String> STEP =
      Set.of(
          "step",
          "name",
          "command",
          "http",
          "manual",
          "rollback",
          "parameters",
          "temporary",
          "when",
          "proof",
          "due",
          "checks");

  /**
   * @param step its number among the steps; 0 for a check
   * @throws IllegalArgumentException saying what is wrong
   */
  static ChecklistItem of(Object entry, int number, int step) {
    if (step == 0 && entry instanceof String text && !text.isBlank()) {
      return of(Map.of("name", text), number, 0);
    }
    if (!(entry instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("must be a mapping with the key 'name'");
    }
    Map<String, Object> values = new TreeMap<>();
    map.forEach((key, value) -> values.put(String.valueOf(key), value));
    ItemKeys keys = new ItemKeys(values);
    Set<String> known = step == 0 ? CHECK : STEP;
    values.keySet().stream()
        .filter(key -> !known.contains(key))
        .findFirst()
        .ifPresent(
            key -> {
              throw new IllegalArgumentException(
                  "'%s' is unknown; known are %s".formatted(key, known.stream().sorted().toList()));
            });
    String name = keys.text("name");
    require(!name.isBlank(), "'name' is missing");
    Map<String, String> when = when(keys.text("when"));
    Assignments parameters = parameters(values.get("parameters"));
    return step == 0
        ? check(number, name, keys, parameters, when)
        : step(number, name, step, keys, parameters, when);
  }

  private static ChecklistItem check(
      int number, String name, ItemKeys keys, Assignments parameters, Map<String, String> when) {
    String expected = keys.text("expected");
    boolean command = keys.has("command");
    boolean measured = keys.has("number");
    require(!command || !measured, "has both 'command' and 'number'");
    ItemKind kind =
        command
            ? ItemKind.CHECK_BY_COMMAND
            : measured ? ItemKind.CHECK_NUMBER : ItemKind.CHECK_BY_HAND;
    if (command) {
      Expectations.valueOf(expected);
    } else if (measured) {
      Comparison.valueOf(expected);
    }
    return new ChecklistItem(
        number,
        name,
        kind,
        command ? keys.text("command") : measured ? keys.text("number") : null,
        parameters,
        expected,
        expected.isBlank() ? name : name + ": " + expected,
        "",
        byHand(keys, kind == ItemKind.CHECK_BY_HAND),
        false,
        when);
  }

  private static ChecklistItem step(
      int number,
      String name,
      int step,
      ItemKeys keys,
      Assignments parameters,
      Map<String, String> when) {
    require(
        !keys.has("step") || keys.text("step").equals(Integer.toString(step)),
        "'step' must be %d, its place in the list".formatted(step));
    List<String> ways = Stream.of("command", "http", "manual").filter(keys::has).toList();
    require(
        ways.size() == 1,
        "needs one of 'command' and 'http' (a target that checks, applies and reverts) and 'manual' (what a person does)");
    boolean manual = ways.get(0).equals("manual");
    require(
        manual == keys.has("rollback"),
        manual
            ? "needs 'rollback': what a person does to take it back"
            : "has a 'rollback', but its target says how it is taken back; remove it");
    boolean temporary = keys.text("temporary").equals("true");
    require(!temporary || !manual, "'temporary' is possible for 'command' and 'http' only");
    ItemKind kind =
        manual
            ? ItemKind.CHANGE_BY_HAND
            : ways.get(0).equals("http") ? ItemKind.CALL_HTTP : ItemKind.CHANGE_BY_COMMAND;
    return new ChecklistItem(
        number,
        name,
        kind,
        manual ? null : keys.text(ways.get(0)),
        parameters,
        "",
        manual ? keys.text("manual") : "",
        keys.text("rollback"),
        byHand(keys, manual),
        temporary,
        when);
  }

  private static ByHand byHand(ItemKeys keys, boolean byAPerson) {
    if (byAPerson) {
      return ByHand.of(keys);
    }
    ByHand.KEYS.stream()
        .filter(keys::has)
        .sorted()
        .findFirst()
        .ifPresent(
            key -> {
              throw new IllegalArgumentException(
                  "'%s' is possible for what a person does or checks only".formatted(key));
            });
    return ByHand.DEFAULT;
  }

  private static Assignments parameters(Object value) {
    if (value == null) {
      return Assignments.none();
    }
    require(value instanceof Map<?, ?>, "'parameters' must be a mapping");
    return Assignments.valueOf(
        ((Map<?, ?>) value)
            .entrySet().stream()
                .map(one -> one.getKey() + "=" + one.getValue())
                .collect(Collectors.joining("\n")));
  }

  /** {@code fullCutover}, or {@code mode = blue}. */
  private static Map<String, String> when(String text) {
    if (text.isEmpty()) {
      return Map.of();
    }
    return Assignments.valueOf(text.contains("=") ? text : text + "=true").values();
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule);
    }
  }

  boolean isOn(Map<String, String> switches) {
    return when.entrySet().stream()
        .allMatch(one -> one.getValue().equals(switches.get(one.getKey())));
  }

  /** Whether something of it has to be taken back. */
  boolean changes() {
    return kind == ItemKind.CHANGE_BY_COMMAND
        || kind == ItemKind.CALL_HTTP
        || kind == ItemKind.CHANGE_BY_HAND;
  }

  /** For the dry run. */
  String describe() {
    String who =
        switch (kind) {
          case CHECK_BY_COMMAND -> "check by command " + subject + expected(expected);
          case CHECK_NUMBER -> "check " + subject + expected(expected);
          case CHECK_BY_HAND -> "a person checks" + expected(expected) + byHand.describe();
          case CHANGE_BY_COMMAND -> "change by command " + subject;
          case CALL_HTTP -> "change by request " + subject;
          case CHANGE_BY_HAND ->
              "a person does: " + instruction + byHand.describe() + "; to take back: " + rollback;
          case NONE -> "";
        };
    return "%d. %s (%s)%s%s"
        .formatted(
            number,
            name,
            who.replaceAll("\\s*\\n\\s*", "; "),
            temporary ? ", taken back at the end" : "",
            when.isEmpty() ? "" : ", when " + when);
  }

  private static String expected(String text) {
    return text.isEmpty() ? "" : ": " + text;
  }
}
