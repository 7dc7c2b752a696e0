package io.belay.capability.check.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportVerificationTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private static ObjectNode report(int comparisons) throws IOException {
    ObjectNode report = JSON.createObjectNode();
    ArrayNode evidence = report.putArray("evidence");
    for (int number = 1; number <= comparisons; number++) {
      Terms terms = new Terms("v2", "v1", number, 0.01, 50, 5, 2, 5, 1.0, true);
      SimulatedTraffic traffic =
          new SimulatedTraffic(SimulatedTraffic.alike(0.5).slower(1.2), terms, number);
      List<Look> looks = new ArrayList<>();
      for (int second = 0; second < 20; second++) {
        looks.add(traffic.second());
      }
      Judged judged = Judged.of(new Comparison(terms, 20.25, looks));
      JsonNode read = JSON.readTree(JSON.writeValueAsString(judged));
      ((ObjectNode) read).put("recordVersion", 1);
      evidence.addObject().putObject("payload").set("value", read);
    }
    return report;
  }

  private int verify(JsonNode report) throws IOException {
    return ReportVerification.verify(report, new PrintStream(out, true, StandardCharsets.UTF_8));
  }

  @Test
  void everyComparison_isJudgedAgain_fromTheReportAlone() throws IOException {
    assertThat(verify(report(3))).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("3 of 3 comparisons judged again with the same result");
  }

  @Test
  void aChangedCount_aChangedVerdict_andAnAlphaSpentTwice_show() throws IOException {
    ObjectNode counts = report(1);
    ObjectNode look =
        (ObjectNode) counts.at("/evidence/0/payload/value/comparison/looks/3/candidate");
    look.put("errors", look.path("requests").asLong());
    assertThat(verify(counts)).isEqualTo(1);
    ObjectNode verdict = report(1);
    ((ObjectNode) verdict.at("/evidence/0/payload/value/judgement")).put("outcome", "NO_WORSE");
    assertThat(verify(verdict)).isEqualTo(1);
    ObjectNode twice = report(1);
    ((ArrayNode) twice.path("evidence")).add(twice.at("/evidence/0").deepCopy());
    assertThat(verify(twice)).isEqualTo(1);
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("DIFFERENT", "0 of 1", "1 of 2");
  }

  /** What an earlier version judged at the limits alone is judged so again. */
  @Test
  void aReportOfAnEarlierVersion_isJudgedAsThen() throws IOException {
    ObjectNode report = report(1);
    ObjectNode judged = (ObjectNode) report.at("/evidence/0/payload/value");
    ((ObjectNode) judged.at("/comparison/terms")).remove(List.of("toleratedSlowdown", "ranked"));
    ((ObjectNode) judged.at("/judgement")).remove("missingLatencies");
    assertThat(verify(report)).isEqualTo(1);
    ((ObjectNode) judged.at("/judgement")).put("evidence", 10.697997950363984);
    ((ObjectNode) judged.at("/judgement")).put("outcome", "UNDECIDED");
    assertThat(verify(report)).isZero();
  }

  @Test
  void aReportWithoutComparisons_provesNothing() throws IOException {
    assertThat(verify(report(0))).isEqualTo(3);
  }
}
