package io.belay.engine;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/** One run of {@code two-database-rolling}; every check passes unless a test says otherwise. */
abstract class TwoDatabaseRun extends ModelRun {

  static final Map<String, Object> GOOD_QUERIES =
      Map.ofEntries(
          Map.entry("calls", 500),
          Map.entry("errorRate", 0.0),
          Map.entry("fallbackRate", 0.0),
          Map.entry("missRate", 0.0),
          Map.entry("p95New", 1.5),
          Map.entry("slowdown", 0.8),
          Map.entry("lateWrites", 0),
          Map.entry("lateWrite", ""),
          Map.entry("newHealthy", true),
          Map.entry("complete", true),
          Map.entry("missing", ""));

  static final Map<String, Object> VALID =
      Map.of("criticalIssues", 0, "warnings", 2, "reason", "2 warnings");

  TwoDatabaseRun() {
    super("two-database-rolling");
  }

  @BeforeEach
  @Override
  void prepare() {
    for (String check : List.of("analyzeDocuments", "verifyDocumentSnapshot")) {
      answer(check, Map.of("verdict", "PASS", "reason", "fine"));
    }
    answer("takeDocumentSnapshot", Map.of("snapshot", "snapshot-1"));
    answer("migrateDocuments", Map.of("paused", false));
    answer("validateDocuments", VALID);
    answer("measureQueries", GOOD_QUERIES);
    answer("tallyVerdict", this::tally);
  }

  @Override
  void start(Map<String, Object> given) {
    // As the start form converts it.
    Map<String, Object> parameters = new HashMap<>(Map.of("slowdownLimit", 1.5));
    parameters.putAll(given);
    super.start(parameters);
  }

  /** Answers what people are asked, up to that task. */
  void runTo(String task) {
    for (String next :
        List.of("Task_ConfirmChecklist", "Task_Approve", "Task_UpdateApplications")) {
      if (next.equals(task) || task(next) == null) {
        return;
      }
      complete(next, Map.of("decision", "go"));
    }
    if (task.equals("Task_ApproveRemoval")) {
      fireTimer("Timer_LegacyKept");
    }
  }

  /** The modes that the queries were switched to, in that order. */
  List<String> modes() {
    return call("switchQueryMode").stream()
        .map(call -> call.inputs().get("mode").toString())
        .toList();
  }
}
