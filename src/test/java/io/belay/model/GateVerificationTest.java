package io.belay.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Verdicts of delivered decision tables, recomputed from a report. */
class GateVerificationTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private static ObjectNode report(String decision, String verdict, Map<String, ?> inputs)
      throws IOException {
    ObjectNode report = JSON.createObjectNode();
    report
        .putObject("run")
        .putArray("gates")
        .addObject()
        .put("decision", decision)
        .put("verdict", verdict)
        .put("reason", "because")
        .set("inputs", JSON.valueToTree(inputs));
    report
        .putObject("tables")
        .put(decision, Files.readString(Path.of("processes/decisions", decision + ".dmn")));
    return report;
  }

  private static Map<String, Object> coverage(Object complete, Object coverage) {
    Map<String, Object> inputs = new TreeMap<>();
    inputs.put("Measurement complete", complete);
    inputs.put("Coverage (%)", coverage);
    return inputs;
  }

  private int verify(ObjectNode report) {
    return GateVerification.verify(report, new PrintStream(out, true, StandardCharsets.UTF_8));
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({"true, 85.5, PASS", "true, 80, FAIL", "true, 81, PASS", "false, 99, NO_DATA"})
  void verdictThatTheTableGives_isTheSameAgain(boolean complete, double coverage, String verdict)
      throws IOException {
    ObjectNode report = report("coverage-gate", verdict, coverage(complete, coverage));
    assertThat(verify(report)).as(said()).isZero();
    assertThat(said()).contains("1 of 1 gates evaluated again with the same verdict");
  }

  @Test
  void anotherVerdict_anotherNumber_andAnotherTable_show() throws IOException {
    assertThat(verify(report("coverage-gate", "FAIL", coverage(true, 85.5)))).isEqualTo(1);
    assertThat(verify(report("coverage-gate", "PASS", coverage(true, 12)))).isEqualTo(1);
    ObjectNode table = report("coverage-gate", "PASS", coverage(true, 85.5));
    String text = table.at("/tables/coverage-gate").asText().replace("(80..100]", "(90..100]");
    ((ObjectNode) table.path("tables")).put("coverage-gate", text);
    assertThat(verify(table)).isEqualTo(1);
    assertThat(said()).contains("DIFFERENT", "evaluated again: PASS", "0 of 1");
  }

  @Test
  void absentTable_andAbsentNumber_showToo() throws IOException {
    ObjectNode table = report("coverage-gate", "PASS", coverage(true, 85.5));
    table.remove("tables");
    assertThat(verify(table)).isEqualTo(1);
    assertThat(verify(report("coverage-gate", "PASS", Map.of("Coverage (%)", 85.5)))).isEqualTo(1);
    assertThat(said())
        .contains("does not have the table", "no number is recorded for Measurement complete");
  }

  @Test
  void reportWithoutGates_provesNothing() {
    assertThat(verify(JSON.createObjectNode())).isEqualTo(3);
  }
}
