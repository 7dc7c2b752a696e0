package io.belay.model.lint;

import static io.belay.model.lint.TestModels.CHANGE;
import static io.belay.model.lint.TestModels.good;
import static org.assertj.core.api.Assertions.assertThat;

import io.belay.step.StepTypes;
import jakarta.validation.Validation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerdictsTest {

  private static final String TALLIED = "phases/gate-health.bpmn";
  private static final String OUTPUT =
      "<camunda:outputParameter name=\"verdict\">${decisionResult.verdict}</camunda:outputParameter>";

  @Test
  void verdictThatNoGatewayAsks_isRefused() {
    good()
        .replace(
            CHANGE,
            "sourceRef=\"Decide_Gate\" targetRef=\"Gateway_Good\"",
            "sourceRef=\"Decide_Gate\" targetRef=\"End_Passed\"")
        .isRefused(CHANGE, "Decide_Gate", "its verdict is not asked before End_Passed");
    good()
        .replace(CHANGE, "${verdict == 'PASS'}", "${changed == 'PASS'}")
        .isRefused(CHANGE, "Decide_Gate", "its verdict is not asked before End_Passed");
  }

  @Test
  void verdictThatIsWrittenAgain_isAskedBefore() {
    good()
        .replace(
            CHANGE,
            "sourceRef=\"Decide_Gate\" targetRef=\"Gateway_Good\"",
            "sourceRef=\"Decide_Gate\" targetRef=\"Task_LookAtThings\"")
        .isRefused(CHANGE, "Decide_Gate", "its verdict is not asked before Decide_Gate");
  }

  @Test
  void verdict_isKeptInOneVariable() {
    good()
        .replace(CHANGE, OUTPUT, "")
        .isRefused(CHANGE, "Decide_Gate", "its verdict must be kept in one variable");
    good()
        .replace(CHANGE, OUTPUT, OUTPUT + OUTPUT.replace("\"verdict\"", "\"other\""))
        .isRefused(CHANGE, "Decide_Gate", "its verdict must be kept in one variable");
  }

  @ParameterizedTest
  @ValueSource(strings = {"${verdict != 'FAIL'}", "${verdict == 'INCONCLUSIVE'}"})
  void answerOtherThanPass_isNone(String condition) {
    good()
        .replace(CHANGE, "${verdict == 'PASS'}", condition)
        .isRefused(CHANGE, "Flow_Good_Yes", "a verdict is asked by == 'PASS' only");
    good()
        .replace(CHANGE, "${verdict == 'PASS'}", condition)
        .isRefused(CHANGE, "Gateway_Good", "asks a verdict, but no answer is == 'PASS'");
  }

  @Test
  void onlyPass_leadsToAPassedEnd() {
    String flow = "sourceRef=\"Gateway_Good\" targetRef=\"%s\"";
    good()
        .replace(CHANGE, flow.formatted("End_Failed_Gate"), flow.formatted("End_Passed"))
        .isRefused(
            CHANGE, "Flow_Good_No", "leads to a passed end although the verdict is not PASS");
    good()
        .replace(CHANGE, flow.formatted("End_Passed"), flow.formatted("End_Failed_Gate"))
        .isRefused(CHANGE, "Flow_Good_Yes", "leads to no passed end although the verdict is PASS");
  }

  /** Decisions of a tally, asked by {@code CONTINUE} and {@code PASS}. */
  @ParameterizedTest
  @CsvSource({
    "decision == 'CONTINUE', decision == 'FAIL', a tally's decision is asked by",
    "decision == 'PASS', decision != 'FAIL', a tally's decision is asked by",
    "decision == 'PASS', decision == 'CONTINUE', no answer is == 'PASS'",
  })
  void tally_isAskedByPassAndContinue(String old, String replacement, String rule) {
    Map<String, byte[]> models = TestModels.ofDirectory(Path.of("processes"));
    String text = new String(models.get(TALLIED), StandardCharsets.UTF_8);
    assertThat(text).contains(old);
    models.put(TALLIED, text.replace(old, replacement).getBytes(StandardCharsets.UTF_8));
    var inputs = new BoundInputs(Validation.buildDefaultValidatorFactory().getValidator());
    assertThat(new ModelLint(StepTypes.idle(), inputs).check(models))
        .anySatisfy(
            finding -> {
              assertThat(finding.file()).isEqualTo(TALLIED);
              assertThat(finding.rule()).contains(rule);
            });
  }
}
