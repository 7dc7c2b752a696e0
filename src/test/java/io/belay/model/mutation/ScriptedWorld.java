package io.belay.model.mutation;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.model.mutation.Scenario.Kind;
import io.belay.step.PastStep;
import io.belay.step.StepDelegate;
import io.belay.step.StepDelegate.Backup;
import io.belay.step.StepPlan.Effect;
import io.belay.step.UndoDelegate;
import io.belay.step.Verdict;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the steps of a run would have done to the world, and Belay's promises about that. It knows
 * only what steps were told to do and what people answered, nothing of the engine's laws.
 */
final class ScriptedWorld {

  private static final Set<String> PROTECTED =
      Set.of("database", "cache", "v1", "router", "document-store");
  private static final Set<String> HOLD_DATA = Set.of("database", "cache", "document-store");

  /** By the name of a result's component; every other number is 0, and every other flag true. */
  private static final Map<String, Object> GOOD =
      Map.of(
          "samples",
          100,
          "userRequests",
          500,
          "processingRatio",
          1.0,
          "calls",
          500,
          "p95New",
          1.5,
          "slowdown",
          0.8,
          "comparison",
          "NO_WORSE",
          "paused",
          false);

  /** What the measured numbers are, whatever they are measured for. */
  private static final Map<String, Object> NUMBERS =
      Map.ofEntries(
          Map.entry("coverage", 90),
          Map.entry("newRequests", 500),
          Map.entry("oldRequests", 500),
          Map.entry("newErrors", 0),
          Map.entry("oldErrors", 0),
          Map.entry("newDatabaseP95", 1),
          Map.entry("oldDatabaseP95", 1),
          Map.entry("rehearsalDays", 1),
          Map.entry("assignmentRuns", 1),
          Map.entry("payoutRuns", 1),
          Map.entry("errorLines", 0),
          Map.entry("fallbacks", 0),
          Map.entry("conflicts", 0),
          Map.entry("databaseP95", 1),
          Map.entry("finderP95", 1),
          Map.entry("requests", 1),
          Map.entry("overdue", 0),
          Map.entry("unfilled", 0),
          Map.entry("events", 1),
          Map.entry("backlog", 0),
          Map.entry("oldestSeconds", 0),
          Map.entry("horizonSeconds", 0),
          Map.entry("horizonPid", 0));

  private final ObjectMapper json = new ObjectMapper();
  private final List<String> violations = new ArrayList<>();
  private final Map<String, String> standing = new LinkedHashMap<>();
  private final Map<String, String> verdicts = new HashMap<>();
  private final Map<String, Integer> asked = new HashMap<>();
  private final Map<String, int[]> inARow = new HashMap<>(); // failures, passes
  private final Set<String> backedUp = new HashSet<>();
  private final Set<String> verified = new HashSet<>();
  private Scenario scenario = Scenario.ALL_PASS;
  private boolean approved;
  private boolean changedSinceApproval;

  synchronized void begin(Scenario next) {
    scenario = next;
    Stream.of(standing, verdicts, asked, inARow).forEach(Map::clear);
    Stream.of(backedUp, verified).forEach(Set::clear);
    violations.clear();
    approved = false;
    changedSinceApproval = false;
  }

  synchronized void approved() {
    approved = true;
    changedSinceApproval = false;
  }

  synchronized List<String> violations() {
    return List.copyOf(violations);
  }

  /** Changes that nobody took back. */
  synchronized List<String> standing() {
    return List.copyOf(standing.values());
  }

  /** What a check said, by the key of its execution. */
  synchronized Map<String, String> verdicts() {
    return Map.copyOf(verdicts);
  }

  synchronized Object perform(
      StepDelegate<?, ?> step, String name, Record input, String key, String activity) {
    Set<String> targets = targets(input);
    if (step.effect() != Effect.OBSERVES) {
      requirePromises(step, name, activity, targets);
      changedSinceApproval = true;
      standing.put(key, name + " at " + activity + " on " + targets);
    }
    boolean good = says(activity);
    Map<String, Object> answer = answer(step, name, input, activity, good);
    if (step.backup() == Backup.TAKES) {
      backedUp.addAll(targets);
    } else if (step.backup() == Backup.VERIFIES && good) {
      targets.stream().filter(backedUp::contains).forEach(verified::add);
    }
    Object verdict = answer.get(Verdict.componentOf(step.resultType()).orElse(""));
    if (verdict != null) {
      verdicts.put(key, verdict.toString());
    }
    return json.convertValue(answer, step.resultType());
  }

  synchronized Object takeBack(UndoDelegate<?, ?> undo, List<PastStep> executions) {
    executions.forEach(past -> standing.remove(past.key()));
    return json.convertValue(answer(undo, "", null, "", true), undo.resultType());
  }

  private void requirePromises(
      StepDelegate<?, ?> step, String name, String activity, Set<String> targets) {
    Set<String> guarded = new HashSet<>(targets);
    guarded.retainAll(PROTECTED);
    if (!guarded.isEmpty() && !approved) {
      violations.add("%s (%s) changed %s before an approval".formatted(activity, name, guarded));
    }
    if (step.effect() == Effect.CANNOT_BE_UNDONE && (!approved || changedSinceApproval)) {
      violations.add(
          "%s (%s) was done for good without its own approval".formatted(activity, name));
    }
    for (String target : guarded) {
      if (HOLD_DATA.contains(target) && !verified.contains(target)) {
        violations.add(
            "%s (%s) changed %s without a verified backup".formatted(activity, name, target));
      }
    }
  }

  /** Whether the check says yes now. */
  private boolean says(String activity) {
    int time = asked.merge(activity, 1, Integer::sum);
    return !(scenario.is(Kind.NO_ALWAYS, activity)
        || time == 1 && scenario.is(Kind.NO_ONCE, activity));
  }

  private Map<String, Object> answer(
      StepDelegate<?, ?> step, String name, Record input, String activity, boolean good) {
    Map<String, Object> answer = new HashMap<>();
    for (RecordComponent component : step.resultType().getRecordComponents()) {
      answer.put(component.getName(), plain(component));
    }
    Verdict.componentOf(step.resultType()).ifPresent(verdict -> answer.put(verdict, "PASS"));
    switch (name) {
      case "tallyVerdict" -> answer.putAll(tally(component(input), activity));
      case "compareFingerprint" ->
          answer.put(
              "equal", standing.values().stream().noneMatch(s -> s.startsWith("applySchema")));
      case "chooseInstance" -> {
        long left = 2 - standing.values().stream().filter(s -> s.startsWith("replace")).count();
        answer.putAll(Map.of("instance", left == 2 ? "one" : "two", "remaining", left));
      }
      case "chooseItem", "chooseItemBack" -> answer.put("kind", "NONE");
      case "measureNumbers" -> answer.put("numbers", measured(component(input).get("numbers")));
      default -> {
        // the plain values
      }
    }
    if (!good) {
      answer.putAll(no(step, name));
    }
    return answer;
  }

  /** Those that the lines name. */
  private static Map<String, Object> measured(Object lines) {
    Map<String, Object> numbers = new HashMap<>(NUMBERS);
    List<String> names =
        lines.toString().lines().map(line -> line.replaceFirst("\\s*=.*", "")).toList();
    numbers.keySet().retainAll(names);
    return numbers;
  }

  private static Map<String, Object> no(StepDelegate<?, ?> step, String name) {
    return switch (name) {
      case "measureHealth" -> Map.of("errorRate5xx", 0.5);
      case "measureQueries" -> Map.of("errorRate", 0.5);
      case "measureNumbers" -> Map.of("complete", false);
      case "checkIntegrity" -> Map.of("missingTables", 1);
      case "validateDocuments" -> Map.of("criticalIssues", 1, "verdict", "FAIL");
      case "compareFingerprint" -> Map.of("equal", false, "differences", 1);
      default ->
          Verdict.componentOf(step.resultType())
              .map(verdict -> Map.<String, Object>of(verdict, "FAIL"))
              .orElse(Map.of());
    };
  }

  /** Whether a step can say no. */
  static boolean judges(StepDelegate<?, ?> step, String name) {
    return !no(step, name).isEmpty() && !name.equals("tallyVerdict");
  }

  private static Object plain(RecordComponent component) {
    if (GOOD.containsKey(component.getName())) {
      return GOOD.get(component.getName());
    }
    Class<?> type = component.getType();
    if (type == boolean.class || type == Boolean.class) {
      return true;
    }
    return type == String.class ? "scripted" : type.isEnum() ? null : 0;
  }

  /** As the step does it, but for its duration: nothing here takes time. */
  private Map<String, Object> tally(Map<String, Object> input, String activity) {
    int[] row = inARow.computeIfAbsent(activity, any -> new int[2]);
    boolean passed = "PASS".equals(input.get("verdict").toString());
    row[0] = passed ? 0 : row[0] + 1;
    row[1] = passed ? row[1] + 1 : 0;
    String decision =
        row[0] > (int) input.get("allowedFailures")
            ? "FAIL"
            : row[1] >= (int) input.get("requiredPasses") ? "PASS" : "CONTINUE";
    Map<String, Object> answer =
        Map.of("decision", decision, "failures", row[0], "passes", row[1], "until", "");
    if (!decision.equals("CONTINUE")) {
      inARow.remove(activity);
    }
    return answer;
  }

  private static Map<String, Object> component(Record record) {
    Map<String, Object> values = new HashMap<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      try {
        component.getAccessor().setAccessible(true);
        values.put(component.getName(), component.getAccessor().invoke(record));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
    return values;
  }

  private static Set<String> targets(Record input) {
    Set<String> named = new HashSet<>();
    component(input).values().stream()
        .flatMap(value -> value instanceof List<?> list ? list.stream() : Stream.of("" + value))
        .map(String::valueOf)
        .map(value -> value.equals("migration") ? "database" : value)
        .filter(PROTECTED::contains)
        .forEach(named::add);
    return named;
  }
}
