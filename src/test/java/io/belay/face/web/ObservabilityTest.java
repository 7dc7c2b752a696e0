package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.face.web.Caller.Answer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What a run leaves where operators watch: metrics and lines of the log. */
@WebTest
@ExtendWith(OutputCaptureExtension.class)
class ObservabilityTest {

  @Autowired Caller caller;

  @Test
  void everyMetricThatTheDocumentNames_isThere_withItsLabels() {
    String rolledBack = caller.start("\"count\":501,\"pause\":\"0s\"");
    caller.awaitStatus(rolledBack, "ROLLED_BACK");
    String failed = caller.start("\"fail\":true");
    caller.awaitStatus(failed, "INCIDENT");
    caller.end(failed);

    Answer metrics = caller.get("vera", "/actuator/prometheus");
    assertThat(metrics.status()).isEqualTo(200);
    Map.of(
            "belay_run_started_total", "runbook=\"web-test\"",
            "belay_run_seconds_count", "runbook=\"web-test\",state=\"ROLLED_BACK\"",
            "belay_rollback_seconds_count", "runbook=\"web-test\"",
            "belay_gate_total", "decision=\"counting-gate\",verdict=\"FAIL\"",
            "belay_incident_total", "type=\"failedExternalTask\"",
            "belay_step_seconds_count", "outcome=\"failure\",step=\"countSlowly\"")
        .forEach(
            (metric, labels) ->
                assertThat(metrics.text())
                    .containsPattern(metric + "\\{[^}]*" + labels + "[^}]*} [1-9]"));
    assertThat(metrics.text())
        .containsPattern("belay_step_working(\\{[^}]*})? [0-9]")
        .containsPattern("belay_step_lock_lost_total(\\{[^}]*})? [0-9]");
  }

  @Test
  void lineAboutAStep_saysRunStepAndTarget(CapturedOutput output) {
    String run = caller.start("\"fail\":true");
    String name = caller.awaitStatus(run, "INCIDENT").path("name").asText();
    caller.end(run);

    assertThat(output.getOut().lines())
        .anyMatch(
            line ->
                line.contains("[%s countSlowly ".formatted(name))
                    && line.contains("Step Task_Count failed in attempt 1: ")
                    && line.contains("nobody taught me to count"));
  }
}
