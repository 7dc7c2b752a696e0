package io.belay.model.lint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.model.Forms;
import io.belay.model.Parameter;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;

/** A phase that declares its inputs, and the calls of it. */
class InputRulesTest {

  private static final String START = "<bpmn:startEvent id=\"Start\" name=\"Work wanted\" />";

  private static final String FIELDS =
      """
      <camunda:formField id="things" label="Things" type="string" />
      <camunda:formField id="weight" label="Weight" type="long" defaultValue="10">
        <camunda:validation><camunda:constraint name="max" config="1000" /></camunda:validation>
      </camunda:formField>
      <camunda:formField id="timeout" label="Timeout" type="string">
        <camunda:properties><camunda:property id="type" value="duration" /></camunda:properties>
      </camunda:formField>
      <camunda:formField id="table" label="Table" type="string">
        <camunda:properties><camunda:property id="type" value="decision" /></camunda:properties>
      </camunda:formField>
      <camunda:formField id="caches" label="Caches" type="string">
        <camunda:properties><camunda:property id="type" value="targets:redis" /></camunda:properties>
      </camunda:formField>
      <camunda:formField id="deadline" label="Deadline" type="string" defaultValue="PT4H">
        <camunda:properties><camunda:property id="type" value="duration" /></camunda:properties>
      </camunda:formField>
      """;

  private static final String START_FORM = "forms/start-two-rails.form";

  private static final String PASSED =
      """
      <camunda:in sourceExpression="all of them" target="things" />
      <camunda:in source="timeout" target="timeout" />
      <camunda:in sourceExpression="things-gate" target="table" />
      """;

  private static TestModels declared() {
    return TestModels.good()
        .replace(TestModels.CHANGE, START, start(FIELDS))
        .replace(TestModels.CHANGE, ">all of them<", ">${things}<")
        .replace(TestModels.CHANGE, ">10<", ">${weight}<")
        .replace(TestModels.CHANGE, "decisionRef=\"things-gate\"", "decisionRef=\"${table}\"")
        .replace(TestModels.CHANGE, "name=\"changed\"", "name=\"errors\"")
        .replace(START_FORM, "\"key\": \"timeout\"", "\"key\": \"other\"")
        .with(TestModels.RUNBOOK, passing(PASSED));
  }

  private static String start(String fields) {
    return """
        <bpmn:startEvent id="Start" name="Work wanted"><bpmn:extensionElements>
          <camunda:formData>%s</camunda:formData>
        </bpmn:extensionElements></bpmn:startEvent>"""
        .formatted(fields);
  }

  /** The runbook, whose first call passes that. */
  private static String passing(String inputs) {
    String runbook = TestModels.good().text(TestModels.RUNBOOK);
    return runbook.replaceFirst(
        "<camunda:in variables=\"all\" />", Matcher.quoteReplacement(inputs));
  }

  private static void isRefused(String passed, String... words) {
    declared()
        .with(TestModels.RUNBOOK, passing(passed))
        .isRefused(TestModels.RUNBOOK, "Phase_Change", words);
  }

  private static void declarationIsRefused(String field, String... words) {
    declared()
        .replace(TestModels.CHANGE, FIELDS, FIELDS + field)
        .isRefused(TestModels.CHANGE, "change", words);
  }

  @Test
  void phaseWithInputs_andACallThatPassesThem_areAccepted() {
    declared().isAccepted();
    declared()
        .with(
            TestModels.RUNBOOK,
            passing(PASSED.replace("source=\"timeout\"", "sourceExpression=\"${timeout}\"")))
        .isAccepted();
  }

  @Test
  void allVariables_areNotPassedToAPhaseWithInputs() {
    isRefused("<camunda:in variables=\"all\" />", "passes all variables to change");
  }

  @Test
  void inputThatThePhaseDoesNotHave_isRefused() {
    isRefused(
        PASSED + "<camunda:in sourceExpression=\"x\" target=\"thigns\" />",
        "passes input 'thigns', which change does not have; it has [things, weight,");
  }

  @Test
  void requiredInput_isPassed() {
    isRefused(
        PASSED.replace("<camunda:in source=\"timeout\" target=\"timeout\" />", ""),
        "does not pass input 'timeout', which change requires");
  }

  @Test
  void inputPassedTwice_isRefused() {
    isRefused(
        PASSED + "<camunda:in source=\"timeout\" target=\"things\" />",
        "passes input 'things' twice");
  }

  @Test
  void inputPassedWithoutAValue_orWithTwo_isRefused() {
    isRefused(PASSED + "<camunda:in target=\"weight\" />", "either a variable as source");
    isRefused(
        PASSED + "<camunda:in source=\"timeout\" sourceExpression=\"1\" target=\"weight\" />",
        "either a variable as source");
  }

  @Test
  void literalThatBreaksTheInputsRule_isRefused() {
    isRefused(
        PASSED + "<camunda:in sourceExpression=\"1001\" target=\"weight\" />",
        "passes input 'weight', whose value '1001' must be at most 1000");
    isRefused(
        PASSED + "<camunda:in sourceExpression=\"soon\" target=\"deadline\" />",
        "whose value 'soon' must be a duration");
    isRefused(
        PASSED + "<camunda:in sourceExpression=\"a, b c\" target=\"caches\" />",
        "must be the name of a target");
    isRefused(PASSED.replace("\"things-gate\"", "\"other-gate\""), "names no decision of the set");
  }

  @Test
  void literalThatAStepInsideDoesNotTake_isRefusedWhereItIsPassed() {
    isRefused(
        PASSED + "<camunda:in sourceExpression=\"101\" target=\"weight\" />",
        "gives 'changeThings' in 'Change things' the input weight must be less than or equal to 100");
  }

  @Test
  void expression_isAVariableAndNothingElse() {
    isRefused(
        PASSED.replace("\"all of them\"", "\"${a.b()}\""),
        "write a plain value, or ${variable} and nothing else");
  }

  @Test
  void bodyReadsOnlyWhatIsDeclared() {
    declared()
        .replace(TestModels.CHANGE, ">${weight}<", ">${count}<")
        .isRefused(
            TestModels.CHANGE, "Task_ChangeThings", "reads [count], which is not set anywhere");
  }

  @Test
  void parameterThatTheStartFormDoesNotHave_isAskedForAsTheInputIs() throws IOException {
    TestModels models =
        declared()
            .with(
                TestModels.RUNBOOK,
                passing(PASSED + "<camunda:in source=\"changeDeadline\" target=\"deadline\" />"));
    models.isAccepted();

    Map<String, byte[]> completed = DerivedFields.complete(models.content());
    List<Parameter> fields =
        Forms.parse(new ObjectMapper().readTree(completed.get(START_FORM))).all();

    assertThat(fields)
        .filteredOn(field -> field.name().equals("changeDeadline"))
        .singleElement()
        .satisfies(
            field -> {
              assertThat(field.label()).isEqualTo("Deadline of change");
              assertThat(field.type()).isEqualTo(Parameter.Type.DURATION);
              assertThat(field.defaultValue()).isEqualTo("PT4H");
              assertThat(field.required()).isTrue();
            });
    assertThat(fields)
        .filteredOn(field -> field.name().equals("timeout"))
        .extracting(Parameter::label)
        .containsExactly("Timeout");
    assertThat(DerivedFields.complete(completed)).isEqualTo(completed);
  }

  @Test
  void parameterForWhichTwoPhasesHaveOtherDefaults_standsInTheForm() {
    TestModels models =
        declared()
            .replace(
                "phases/shift.bpmn",
                START,
                start(
                    """
                    <camunda:formField id="deadline" label="Deadline" type="string" defaultValue="PT1H">
                      <camunda:properties><camunda:property id="type" value="duration" /></camunda:properties>
                    </camunda:formField>"""))
            .with(
                TestModels.RUNBOOK,
                passing(PASSED + "<camunda:in source=\"limit\" target=\"deadline\" />")
                    .replaceAll(
                        "(Phase_Shift\"(?s:.*?))<camunda:in variables=\"all\" />",
                        "$1<camunda:in source=\"limit\" target=\"deadline\" />"));
    models.isRefused(
        TestModels.RUNBOOK, "Phase_Shift", "passes 'limit'", "declare it in the start form");
    models
        .replace(
            START_FORM,
            "\"key\": \"other\"",
            "\"key\": \"limit\", \"properties\": {\"type\": \"duration\"}")
        .isAccepted();
  }

  @Test
  void parameterOfAnotherType_isNotPassed() {
    isRefused(
        PASSED + "<camunda:in source=\"things\" target=\"caches\" />",
        "passes 'things', a text, as input 'caches', which takes a targets:redis");
  }

  @Test
  void tableThatAsksWhatNobodyMeasures_isRefused() {
    String table = declared().text(TestModels.DECISION);
    declared()
        .with(
            "decisions/other-gate.dmn",
            table.replace("id=\"things-gate\"", "id=\"other-gate\"").replace(">errors<", ">sighs<"))
        .with(TestModels.RUNBOOK, passing(PASSED.replace("\"things-gate\"", "\"other-gate\"")))
        .isRefused(TestModels.CHANGE, "Decide_Gate", "table 'other-gate' reads [sighs]");
  }

  @Test
  void inputIsNeverWritten() {
    declared()
        .replace(TestModels.CHANGE, "name=\"errors\"", "name=\"weight\"")
        .isRefused(
            TestModels.CHANGE, "Task_ChangeThings", "writes 'weight', an input of the phase");
  }

  @Test
  void declarations_areValid() {
    declarationIsRefused("<camunda:formField id=\"x-y\" label=\"X\" type=\"string\" />", "no name");
    declarationIsRefused(
        "<camunda:formField id=\"verdict\" label=\"X\" type=\"string\" />",
        "a name that Belay uses itself");
    declarationIsRefused(
        "<camunda:formField id=\"things\" label=\"X\" type=\"string\" />", "declared twice");
    declarationIsRefused(
        "<camunda:formField id=\"x\" type=\"string\" defaultValue=\"\" />", "no label");
    declarationIsRefused(
        "<camunda:formField id=\"x\" label=\"X\" type=\"date\" />", "type 'date' is none of");
    declarationIsRefused(
        "<camunda:formField id=\"x\" label=\"X\" type=\"enum\" defaultValue=\"\" />", "no values");
    declarationIsRefused(
        "<camunda:formField id=\"x\" label=\"X\" type=\"long\" defaultValue=\"many\" />",
        "has a default that must be a number");
    declarationIsRefused(
        """
        <camunda:formField id="x" label="X" type="string" defaultValue="">
          <camunda:properties><camunda:property id="type" value="target:" /></camunda:properties>
        </camunda:formField>""",
        "type 'target:' is unknown");
    declarationIsRefused(
        """
        <camunda:formField id="x" label="X" type="string" defaultValue="">
          <camunda:validation><camunda:constraint name="validator" config="A" /></camunda:validation>
        </camunda:formField>""",
        "unknown constraint 'validator'");
    declarationIsRefused(
        """
        <camunda:formField id="x" label="X" type="long" defaultValue="1">
          <camunda:validation><camunda:constraint name="min" config="one" /></camunda:validation>
        </camunda:formField>""",
        "min 'one' is no number");
    declarationIsRefused(
        """
        <camunda:formField id="x" label="X" type="string" defaultValue="">
          <camunda:properties><camunda:property id="pattern" value="[" /></camunda:properties>
        </camunda:formField>""",
        "pattern that cannot be read");
  }

  @Test
  void onlyAPhaseDeclares_onItsStartEvent() {
    TestModels.good()
        .replace(
            TestModels.CHANGE,
            "<bpmn:messageEventDefinition id=\"AbortMessage\"",
            "<bpmn:extensionElements><camunda:formData><camunda:formField id=\"x\" label=\"X\" type=\"string\" /></camunda:formData></bpmn:extensionElements><bpmn:messageEventDefinition id=\"AbortMessage\"")
        .isRefused(TestModels.CHANGE, "Start_OnAbort", "on its start event");
  }
}
