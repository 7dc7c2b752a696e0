package io.belay.model.lint;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.step.StepTypes;
import jakarta.validation.Validation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The numbers that a call names, and the table that it names, in an example with the real steps.
 */
class NumberGateLintTest {

  private static final Map<String, byte[]> PARTS = TestModels.ofDirectory(Path.of("processes"));
  private static final Map<String, byte[]> EXAMPLE =
      TestModels.ofDirectory(Path.of("examples/shop/processes"));
  private static final String RUNBOOK = "runbooks/shop.bpmn";
  private static final String GATE = "phases/gate-numbers.bpmn";
  private static final String TABLE = "decisions/orders-gate.dmn";

  /**
   * @param words what one of the files says, and what it says instead
   */
  private static List<String> findings(String file, String... words) {
    Map<String, byte[]> own = new TreeMap<>(EXAMPLE);
    Map<String, byte[]> parts = new TreeMap<>(PARTS);
    Map<String, byte[]> changed = own.containsKey(file) ? own : parts;
    String text = new String(changed.get(file), StandardCharsets.UTF_8);
    for (int i = 0; i < words.length; i += 2) {
      assertThat(text).contains(words[i]);
      text = text.replace(words[i], words[i + 1]);
    }
    changed.put(file, text.getBytes(StandardCharsets.UTF_8));
    var inputs = new BoundInputs(Validation.buildDefaultValidatorFactory().getValidator());
    return new ModelLint(StepTypes.idle(), inputs)
        .check(CompleteSet.of(own, parts)).stream()
            .map(finding -> finding.element() + " " + finding.rule())
            .toList();
  }

  @Test
  void numbersThatTheTableAsks_areAccepted() {
    assertThat(findings(RUNBOOK)).isEmpty();
  }

  @Test
  void tableThatAsksWhatNoNumberIsCalled_isRefused() {
    assertThat(findings(RUNBOOK, "stuck = sql", "lost = sql"))
        .containsExactly(
            "Decide_Verdict table 'orders-gate' reads [stuck], which is not set anywhere:"
                + " no step right before the gate measures it");
  }

  @Test
  void tableThatDoesNotAskWhetherAllWasMeasured_isRefused() {
    assertThat(findings(TABLE, "<text>complete</text>", "<text>paid</text>"))
        .singleElement()
        .asString()
        .startsWith("Decide_Verdict table 'orders-gate' does not ask 'complete', whether all was");
    assertThat(
            findings(
                TABLE,
                "<text>complete</text>",
                "<text>complete = null</text>",
                "<text>paid</text>",
                "<text>paid + 0</text>",
                "<text>stuck</text>",
                "<text>if stuck = null then 0 else stuck</text>"))
        .as("a table that asks in expressions only")
        .anyMatch(rule -> rule.contains("does not ask 'complete'"));
  }

  @Test
  void numberOfWhichTheSourceOrTheNameCannotBe_isRefused() {
    assertThat(findings(RUNBOOK, "paid = sql orders", "paid = mail orders"))
        .anyMatch(rule -> rule.startsWith("Phase_Orders") && rule.contains("is no source"));
    assertThat(findings(RUNBOOK, "paid = sql", "table = sql"))
        .anyMatch(rule -> rule.contains("'table' cannot be the name of a number"));
  }

  @Test
  void tableThatAsksForAnotherVariableOfTheGate_isRefused() {
    assertThat(findings(TABLE, "<text>stuck</text>", "<text>duration</text>"))
        .anyMatch(rule -> rule.contains("reads [duration], which is not set anywhere"));
  }

  @Test
  void numbersOfAParameter_areRefused_becauseItHasOneLine() {
    String call = new String(EXAMPLE.get(RUNBOOK), StandardCharsets.UTF_8);
    String numbers = call.replaceAll("(?s).*(sourceExpression=\"paid = [^\"]*\").*", "$1");

    assertThat(findings(RUNBOOK, numbers, "source=\"watched\""))
        .containsExactly(
            "Task_MeasureNumbers takes [numbers] from the run, but only a model can name results;"
                + " write the lines into the call");
  }

  @Test
  void tableThatOnlyTheStartKnows_isAccepted_whereTheStepIsGivenWhatItAsks() {
    String[] parameter = {"sourceExpression=\"orders-gate\"", "source=\"ordersTable\""};

    assertThat(findings(RUNBOOK, parameter)).isEmpty();
    assertThat(findings(GATE, ">${table.inputs}<", "><"))
        .as("phase that nobody calls with a table that is not known, as it is called here")
        .isEmpty();
    assertThat(findings(GATE, "\"${table}\"", "\"${other}\""))
        .anyMatch(
            rule -> rule.contains("nobody compares the table with what 'Task_MeasureNumbers'"));
  }

  @Test
  void gateThatIsReachedWithoutAMeasurement_knowsNoNumber() {
    assertThat(
            findings(
                GATE,
                "sourceRef=\"Join_Measure\" targetRef=\"Task_MeasureNumbers\"",
                "sourceRef=\"Join_Measure\" targetRef=\"Decide_Verdict\"",
                "sourceRef=\"Task_MeasureNumbers\" targetRef=\"Decide_Verdict\"",
                "sourceRef=\"Task_MeasureNumbers\" targetRef=\"Task_TallyVerdict\"",
                "sourceRef=\"Decide_Verdict\" targetRef=\"Task_TallyVerdict\"",
                "sourceRef=\"Decide_Verdict\" targetRef=\"Task_MeasureNumbers\""))
        .anyMatch(rule -> rule.contains("reads [paid, stuck], which is not set anywhere"));
  }

  @Test
  void measurementWhoseCompletenessIsNotKept_isRefused() {
    assertThat(
            findings(
                GATE,
                "<camunda:outputParameter name=\"complete\">${complete}</camunda:outputParameter>",
                ""))
        .anyMatch(rule -> rule.startsWith("Task_MeasureNumbers does not keep 'complete'"));
  }

  @Test
  void numberWithTheNameOfAStep_orOfAnInputOfThePhase_isRefused() {
    assertThat(findings(RUNBOOK, "paid = sql", "tallyVerdict = sql"))
        .contains(
            "Task_MeasureNumbers names results [tallyVerdict], which Belay uses itself;"
                + " take other names");
    assertThat(
            findings(
                GATE,
                "<camunda:formField id=\"requiredPasses\"",
                "<camunda:formField id=\"paid\" label=\"Paid\" type=\"long\" defaultValue=\"1\" />"
                    + "<camunda:formField id=\"requiredPasses\""))
        .anyMatch(rule -> rule.contains("writes 'paid', an input of the phase"));
  }
}
