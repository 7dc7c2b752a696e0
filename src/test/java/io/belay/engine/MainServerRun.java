package io.belay.engine;

import io.belay.engine.ModelWorld.Call;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/** One run of {@code main-server-v1-to-v2}; every check passes unless a test says otherwise. */
abstract class MainServerRun extends ModelRun {

  static final Map<String, Object> HEALTHY =
      Map.ofEntries(
          Map.entry("samples", 100),
          Map.entry("errorRate4xx", 0.0),
          Map.entry("errorRate5xx", 0.0),
          Map.entry("p95Ms", 42.0),
          Map.entry("processingRatio", 1.0),
          Map.entry("integrationsDown", 0),
          Map.entry("poolUsage", 0.1),
          Map.entry("servesUsers", true),
          Map.entry("userRequests", 500),
          Map.entry("failedProbes", 0),
          Map.entry("firstFailedProbe", ""),
          Map.entry("excess4xx", 0.0),
          Map.entry("redisUp", true),
          Map.entry("memoryUsage", 0.3),
          Map.entry("cpuUsage", 0.2),
          Map.entry("diskUsage", 0.4),
          Map.entry("errorLines", 0),
          Map.entry("comparison", "NO_WORSE"),
          Map.entry("comparisonReason", "v2 is no worse than v1"),
          Map.entry("decidable", true),
          Map.entry("complete", true),
          Map.entry("missing", ""));

  MainServerRun() {
    super("main-server-v1-to-v2");
  }

  @BeforeEach
  @Override
  void prepare() {
    for (String check :
        List.of(
            "checkDependencies",
            "reviewConfiguration",
            "probeEndpoints",
            "verifyWebhook",
            "checkIntegrations",
            "runCommand",
            "awaitHealthy")) {
      answer(check, Map.of("verdict", "PASS", "reason", "fine"));
    }
    answer(
        "checkIntegrity",
        Map.of(
            "missingTables", 0,
            "missingIndexes", 0,
            "wrongColumns", 0,
            "changedTables", 0,
            "failedQueries", 0,
            "reason", "fine"));
    answer("compareFingerprint", call -> compared(isReverted()));
    answer("countLostWrites", Map.of("rows", 0L, "report", ""));
    answer("measureHealth", HEALTHY);
    answer("nextWeight", MainServerRun::nextWeight);
    answer("tallyVerdict", this::tally);
    answer("chooseInstance", call -> Map.of("instance", "v1-" + left(), "remaining", left()));
  }

  void runTo(String task) {
    for (String next : List.of("Task_ConfirmChecklist", "Task_Approve")) {
      if (!next.equals(task) && task(task) == null && task(next) != null) {
        complete(next, Map.of("decision", "go"));
      }
    }
  }

  List<String> weights() {
    return call("shiftTraffic").stream()
        .map(call -> call.inputs().get("weight").toString())
        .toList();
  }

  boolean isReverted() {
    return call("applySchema").size() <= call("revertSchema").size();
  }

  static Map<String, Object> compared(boolean equal) {
    return Map.of("equal", equal, "differences", equal ? 0 : 1, "reason", "compared");
  }

  int left() {
    return 3 - call("replaceInstance").size();
  }

  static Map<String, Object> intact() {
    return Map.of(
        "missingTables", 0,
        "missingIndexes", 0,
        "wrongColumns", 0,
        "changedTables", 0,
        "failedQueries", 0,
        "reason", "looked at it");
  }

  static Map<String, Object> nextWeight(Call call) {
    int current = Integer.parseInt(call.inputs().get("current").toString());
    List<Integer> weights =
        java.util.Arrays.stream(call.inputs().get("weights").toString().split(","))
            .map(Integer::valueOf)
            .toList();
    int next = weights.stream().filter(weight -> weight > current).findFirst().orElseThrow();
    return Map.of("weight", next, "last", next == weights.get(weights.size() - 1));
  }
}
