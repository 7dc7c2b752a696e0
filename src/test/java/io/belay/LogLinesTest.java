package io.belay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

/** Text from outside that gets into the log cannot forge a line of it. */
@ExtendWith(OutputCaptureExtension.class)
@SuppressWarnings("try") // the context is there for its logging
class LogLinesTest {

  private static final String FORGED = "2026-01-01T00:00:00.000Z  INFO all is well";

  @Configuration(proxyBeanMethods = false)
  static class Nothing {}

  @Test
  void structuredLog_hasRunStepAndTargetAsFields(CapturedOutput output) throws Exception {
    try (var context =
        new SpringApplicationBuilder(Nothing.class)
            .web(WebApplicationType.NONE)
            .properties("BELAY_LOG_FORMAT=ecs")
            .run()) {
      MDC.put("run", "spring move");
      MDC.put("step", "takePostgresBackup");
      MDC.put("target", "database");
      try {
        LoggerFactory.getLogger("io.belay.step.StepRunner").warn("step failed");
      } finally {
        MDC.clear();
      }
    }

    String line =
        output
            .getOut()
            .lines()
            .filter(text -> text.contains("\"step failed\""))
            .findFirst()
            .orElseThrow();
    JsonNode entry = new ObjectMapper().readTree(line);
    assertThat(entry.path("run").asText()).isEqualTo("spring move");
    assertThat(entry.path("step").asText()).isEqualTo("takePostgresBackup");
    assertThat(entry.path("target").asText()).isEqualTo("database");
  }

  @Test
  void lineBreaksInWhatIsTold_beginNoLine(CapturedOutput output) {
    try (var context =
        new SpringApplicationBuilder(Nothing.class).web(WebApplicationType.NONE).run()) {
      Logger log = LoggerFactory.getLogger("io.belay.step.StepRunner");
      MDC.put("run", "spring move");
      try {
        for (String lineBreak : List.of("\n", "\r", "\r\n", "\u0085", "\u2028", "\u2029")) {
          log.warn("step failed: {}", "the target says no" + lineBreak + FORGED);
        }
        log.error(
            "request failed",
            new IllegalStateException(
                "a" + "\n" + FORGED, new IllegalArgumentException("b\r\n" + FORGED)));
      } finally {
        MDC.clear();
      }
    }

    List<String> lines = List.of(output.getOut().split("[\r\n\u0085\u2028\u2029]+"));
    assertThat(lines).noneMatch(line -> line.startsWith(FORGED));
    assertThat(lines)
        .filteredOn(line -> line.endsWith("the target says no"))
        .hasSize(6)
        .allMatch(line -> line.contains("[spring move  ]"));
    assertThat(lines).filteredOn(line -> line.equals(" | " + FORGED)).hasSize(8);
    assertThat(lines)
        .anyMatch(line -> line.endsWith("IllegalStateException: a"))
        .anyMatch(line -> line.startsWith("\tat io.belay.LogLinesTest"));
  }
}
