package io.belay.playground;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * What a run's own record must show, so that its end proves something about a fault: that the phase
 * that should notice it did not pass, and that the gate, the check or the failed step there named
 * it. A run that rolled back for another reason, a slow machine for example, proves nothing.
 *
 * @param phases of the runbook, one of which must be the last and must not have passed; a pattern
 * @param gate the decision table that must have said no there; null when no table decides
 * @param says what the reason of the run, and of the gate, must contain; a pattern
 * @param incident whether the step's failure says it, and not the reason: an operator aborted then
 */
record DemoProof(String phases, String gate, Pattern says, boolean incident) {

  private static final String ROLLOUT = "Phase_(ProgressiveRollout|RollingUpdate)";

  /** What {@code fault} must leave, one of these; none for one that a run survives. */
  private static List<DemoProof> of(DemoFault fault) {
    return switch (fault) {
      case ERROR_RATE, RESET ->
          gate(ROLLOUT, "health-gate", "Error rate \\(5xx\\) is|requests failed on");
      case NOT_FOUND -> gate(ROLLOUT, "health-gate", "4xx are");
      case LATENCY -> gate(ROLLOUT, "health-gate", "P95 latency is|took longer than");
      case ERROR_LINES -> gate(ROLLOUT, "health-gate", "ERROR line\\(s\\) in the log");
      case DOWN -> check(ROLLOUT, "Error rate \\(5xx\\) is|cannot be read|incomplete|v2");
      case REDIS_DOWN -> check(ROLLOUT, "(?i)redis|Error rate \\(5xx\\) is");
      case AI_DOWN -> check(ROLLOUT, "(?i)integration|/health/ai|\\bai\\b");
      case WRONG_WEBHOOK -> check(ROLLOUT, "handshake");
      case MIGRATION -> incident("Phase_DatabaseMigration", "Task_ApplySchema: .*v2-1b-backfill");
      case DATA_CORRUPTION ->
          gate("Phase_DatabaseMigration", "integrity-gate", "with other content than before");
      case UNREADABLE_DOCUMENTS -> check("Phase_DocumentPreparation", "bookings\\.db");
      case PLAIN_PASSWORD -> check("Phase_DocumentMigration", "critical issue");
      case CHANGING_DOCUMENTS -> check("Phase_DocumentMigration", "users\\.db");
      case BROKEN_STORE ->
          gate(
              "Phase_QueryRollout",
              "query-gate",
              "The new store is not healthy|which the new store could not|were not found|Error rate");
      case SLOWER -> gate("Phase_FlagRollout", "service-gate", "took longer than");
      case CONTRACT -> check("Phase_Contract", "\\d+ breaking difference.*/error");
      case FLAG_SERVICE_DOWN ->
          Stream.of(
                  // The probes of /ready, which asks the flag service.
                  gate("Phase_FlagRollout", "service-gate", "Error rate \\(5xx\\) is|/ready"),
                  check("Phase_FlagRollout", "/ready"),
                  incident("Phase_FlagRollout", "Task_SetFlag: .*flag-service"))
              .flatMap(List::stream)
              .toList();
      case BUILD -> incident("Phase_Build", "Task_\\w+: .*cannot find symbol");
      case ONE_INSTANCE, BAD_CLIENT, KILL -> List.of();
    };
  }

  private static List<DemoProof> gate(String phases, String gate, String says) {
    return List.of(new DemoProof(phases, gate, Pattern.compile(says), false));
  }

  private static List<DemoProof> check(String phases, String says) {
    return gate(phases, null, says);
  }

  private static List<DemoProof> incident(String phases, String says) {
    return List.of(new DemoProof(phases, null, Pattern.compile(says, Pattern.DOTALL), true));
  }

  /**
   * What the record does not show of {@code fault}, a sentence; empty when it proves that the fault
   * was noticed, or has not to.
   *
   * @param report as {@code GET /api/runs/{id}/report} tells it
   */
  static Optional<String> missing(DemoFault fault, JsonNode report) {
    List<Optional<String>> missing =
        of(fault).stream().map(proof -> proof.missingIn(report)).toList();
    return missing.stream().anyMatch(Optional::isEmpty) || missing.isEmpty()
        ? Optional.empty()
        : missing.get(0);
  }

  private Optional<String> missingIn(JsonNode report) {
    JsonNode run = report.path("run");
    JsonNode last = lastPhase(run);
    String phase = last.path("activityId").asText("none");
    String reason = run.path("reason").asText("");
    if (!phase.matches(phases) || List.of("", "passed").contains(last.path("outcome").asText())) {
      return Optional.of(
          "the run was left at %s (%s: %s), not at %s"
              .formatted(phase, last.path("outcome").asText("no outcome"), reason, phases));
    }
    if (incident) {
      return each(report.path("incidents"))
              .anyMatch(entry -> says.matcher(entry.path("text").asText()).find())
          ? Optional.empty()
          : Optional.of("no step failed with '%s'".formatted(says));
    }
    if (!says.matcher(reason).find()) {
      return Optional.of("the reason is '%s', which says nothing of '%s'".formatted(reason, says));
    }
    return gate == null || each(run.path("gates")).anyMatch(this::isNo)
        ? Optional.empty()
        : Optional.of("the %s did not say no with '%s'".formatted(gate, says));
  }

  private boolean isNo(JsonNode one) {
    return one.path("decision").asText().equals(gate)
        && !one.path("verdict").asText().equals("PASS")
        && says.matcher(one.path("reason").asText()).find();
  }

  /** The way back, and who is told at the end, come after it. */
  private static JsonNode lastPhase(JsonNode run) {
    return each(run.path("phases"))
        .filter(phase -> phase.path("activityId").asText().startsWith("Phase_"))
        .reduce((earlier, later) -> later)
        .orElse(run.path("none"));
  }

  /**
   * Whether Belay died in a step and did it again: two attempts of one execution, of which the
   * first has no end.
   *
   * @param journal as {@code GET /api/runs/{id}/journal} tells it
   */
  static boolean diedInAStep(JsonNode journal) {
    return each(journal)
        .filter(entry -> entry.path("kind").asText().equals("INTENT"))
        .anyMatch(first -> attemptedAgain(journal, first));
  }

  private static boolean attemptedAgain(JsonNode journal, JsonNode first) {
    return each(journal)
        .filter(entry -> entry.path("id").asLong() > first.path("id").asLong())
        .filter(entry -> entry.path("stepKey").equals(first.path("stepKey")))
        .map(entry -> entry.path("kind").asText())
        .filter(kind -> kind.matches("INTENT|RESULT|FAILURE|STOPPED|BUSINESS_STOP"))
        .findFirst()
        .filter("INTENT"::equals)
        .isPresent();
  }

  private static Stream<JsonNode> each(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false);
  }
}
