package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.engine.law.VariableRefused;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.camunda.bpm.dmn.engine.DmnDecisionResult;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.impl.cfg.StandaloneInMemProcessEngineConfiguration;
import org.camunda.bpm.engine.rest.dto.VariableValueDto;
import org.camunda.bpm.engine.runtime.VariableInstance;
import org.camunda.bpm.engine.variable.Variables;
import org.camunda.bpm.engine.variable.value.TypedValue;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which values a variable can have, in a real engine, through each way in. */
class ScalarVariablesTest {

  private static final String DATABASE = "jdbc:h2:mem:scalars";

  private static final String DECISION =
      """
      <definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d"
          namespace="n">
        <decision id="gate" name="gate">
          <decisionTable id="t" hitPolicy="FIRST">
            <input id="i" label="n"><inputExpression id="e" typeRef="integer"><text>n</text>
            </inputExpression></input>
            <output id="o" name="verdict" typeRef="string"/>
            <rule id="r"><inputEntry id="ie"><text>&gt; 1</text></inputEntry>
              <outputEntry id="oe"><text>"PASS"</text></outputEntry></rule>
          </decisionTable>
        </decision>
      </definitions>
      """;

  private static ProcessEngine engine;

  @BeforeAll
  static void start() {
    var configuration = new StandaloneInMemProcessEngineConfiguration();
    configuration.setProcessEngineName("scalars");
    configuration.setJdbcUrl(DATABASE);
    configuration.setHistoryTimeToLive("P1D");
    configuration.setEnableCmdExceptionLogging(false);
    configuration.setJavaSerializationFormatEnabled(true); // the layer beneath holds by itself
    configuration.setExpressionManager(new ModelExpressions(new HashMap<>()));
    configuration.setVariableTypes(new ScalarVariables());
    engine = configuration.buildProcessEngine();
    engine
        .getRepositoryService()
        .createDeployment()
        .addString("gate.dmn", DECISION)
        .addModelInstance(
            "task.bpmn",
            Bpmn.createExecutableProcess("task").startEvent().userTask("t").endEvent().done())
        .addModelInstance(
            "waiting.bpmn",
            Bpmn.createExecutableProcess("waiting")
                .startEvent()
                .intermediateCatchEvent()
                .message("go")
                .endEvent()
                .done())
        .addModelInstance(
            "step.bpmn",
            Bpmn.createExecutableProcess("step")
                .startEvent()
                .serviceTask("s")
                .camundaExternalTask("work")
                .endEvent()
                .done())
        .addModelInstance(
            "deciding.bpmn",
            Bpmn.createExecutableProcess("deciding")
                .startEvent()
                .businessRuleTask("gate")
                .camundaDecisionRef("gate")
                .camundaOutputParameter("verdict", "${decisionResult.verdict}")
                .businessRuleTask("again")
                .camundaDecisionRef("gate")
                .camundaOutputParameter("verdict", "${decisionResult.verdict}")
                .userTask()
                .endEvent()
                .done())
        .addModelInstance(
            "keeping.bpmn",
            Bpmn.createExecutableProcess("keeping")
                .startEvent()
                .businessRuleTask("gate")
                .camundaDecisionRef("gate")
                .camundaResultVariable("kept")
                .camundaMapDecisionResult("singleResult")
                .userTask()
                .endEvent()
                .done())
        .deploy();
  }

  @AfterAll
  static void stop() {
    engine.close();
  }

  // ------------------------------------------------------------------ what is refused

  /** As engine-rest reads it from the body of a request. */
  private static Object sentObject() throws Exception {
    String body =
        """
        {"zz": {"type": "Object", "value": "{\\"x\\":1,\\"y\\":2}",
          "valueInfo": {"objectTypeName": "java.awt.Point",
            "serializationDataFormat": "application/json"}}}
        """;
    ObjectMapper json = new ObjectMapper();
    Map<String, VariableValueDto> sent =
        json.readValue(
            body,
            json.getTypeFactory()
                .constructMapType(Map.class, String.class, VariableValueDto.class));
    return VariableValueDto.toMap(sent, engine, json).getValueTyped("zz");
  }

  static Stream<Object> refused() throws Exception {
    return Stream.of(
        sentObject(),
        Variables.objectValue(new java.awt.Point(1, 2)).create(),
        Variables.serializedObjectValue("rO0AB")
            .serializationDataFormat(Variables.SerializationDataFormats.JAVA)
            .objectTypeName("java.util.HashMap")
            .create(),
        Variables.byteArrayValue(new byte[] {1}),
        Variables.fileValue("a.txt").file(new byte[] {1}).create(),
        new java.awt.Point(1, 2),
        List.of("a"),
        Map.of("a", 1),
        new byte[] {1},
        new java.math.BigDecimal("1.5"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void valueThatIsNoScalar_isRefused_throughEachWayIn(Object value) {
    var runtime = engine.getRuntimeService();
    var tasks = engine.getTaskService();
    Map<String, Object> variables = new HashMap<>(Map.of("zz", value));

    isRefused(() -> runtime.startProcessInstanceByKey("task", variables));

    String run = runtime.startProcessInstanceByKey("task").getId();
    String task = tasks.createTaskQuery().processInstanceId(run).singleResult().getId();
    isRefused(() -> runtime.setVariable(run, "zz", value));
    isRefused(() -> runtime.setVariableLocal(run, "zz", value));
    isRefused(() -> tasks.setVariableLocal(task, "zz", value));
    isRefused(() -> tasks.complete(task, variables));
    isRefused(() -> engine.getFormService().submitTaskForm(task, variables));
    runtime.setVariable(run, "zz", "a text");
    isRefused(() -> runtime.setVariable(run, "zz", value));
    assertThat(runtime.getVariable(run, "zz")).isEqualTo("a text");
    tasks.complete(task);

    String waiting = runtime.startProcessInstanceByKey("waiting").getId();
    isRefused(
        () ->
            runtime
                .createMessageCorrelation("go")
                .processInstanceId(waiting)
                .setVariables(variables)
                .correlate());
    runtime.createMessageCorrelation("go").processInstanceId(waiting).correlate();

    String step = runtime.startProcessInstanceByKey("step").getId();
    var external = engine.getExternalTaskService();
    String work = external.fetchAndLock(1, "w").topic("work", 9999).execute().get(0).getId();
    isRefused(() -> external.complete(work, "w", variables));
    isRefused(() -> external.complete(work, "w", null, variables));
    isRefused(() -> external.handleFailure(work, "w", "m", "d", 1, 0, variables, null));
    external.complete(work, "w");

    assertThat(Stream.of(run, waiting, step).map(ScalarVariablesTest::isOver)).containsOnly(true);
    assertThat(runtime.createVariableInstanceQuery().variableName("zz").count()).isZero();
  }

  private static void isRefused(ThrowingCallable write) {
    assertThatThrownBy(write)
        .isInstanceOf(VariableRefused.class)
        .hasMessageStartingWith("The variable was not written: the type ")
        .hasMessageContaining("a variable is a String, Boolean,");
  }

  private static boolean isOver(String run) {
    return engine.getRuntimeService().createProcessInstanceQuery().processInstanceId(run).count()
        == 0;
  }

  @Test
  void refusal_namesTheType_andTheClassThatWasSent() throws Exception {
    Object sent = sentObject();
    assertThatThrownBy(
            () -> engine.getRuntimeService().startProcessInstanceByKey("task", Map.of("zz", sent)))
        .hasMessage(
            "The variable was not written: the type 'object' (java.awt.Point) is refused;"
                + " a variable is a String, Boolean, Short, Integer, Long, Double or Date, or null");
  }

  @Test
  void objectInMemoryOnly_isRefusedToo() {
    Object inMemory = Variables.objectValue(new java.awt.Point(1, 2), true).create();
    isRefused(
        () -> engine.getRuntimeService().startProcessInstanceByKey("task", Map.of("zz", inMemory)));
  }

  @Test
  void textThatIsTooLong_isRefused_beforeTheDatabaseSeesIt() {
    var runtime = engine.getRuntimeService();
    String run =
        runtime.startProcessInstanceByKey("task", Map.of("text", "x".repeat(4000))).getId();
    for (Object text : List.of("x".repeat(4001), Variables.stringValue("x".repeat(4001)))) {
      assertThatThrownBy(() -> runtime.setVariable(run, "text", text))
          .isInstanceOf(VariableRefused.class)
          .hasMessageContaining("4,001 characters")
          .hasMessageContaining("at most 4,000");
    }
    runtime.deleteProcessInstance(run, "over");
  }

  // ------------------------------------------------------------------ what is stored

  @Test
  void scalars_areStored_andReadAsTheyWere() {
    Map<String, Object> scalars = new HashMap<>();
    scalars.put("nothing", null);
    scalars.put("text", "a");
    scalars.put("empty", "");
    scalars.put("yes", true);
    scalars.put("short", (short) 1);
    scalars.put("int", 2);
    scalars.put("long", 3L);
    scalars.put("double", 4.5);
    scalars.put("date", new Date(1_000_000));
    var runtime = engine.getRuntimeService();
    String run = runtime.startProcessInstanceByKey("task", scalars).getId();
    assertThat(runtime.getVariables(run)).isEqualTo(scalars);
    runtime.deleteProcessInstance(run, "over");
  }

  @Test
  void decision_isReadByOutputParameters_alsoTwice_andIsStoredNowhere() {
    String run =
        engine.getRuntimeService().startProcessInstanceByKey("deciding", Map.of("n", 2)).getId();
    assertThat(engine.getRuntimeService().getVariables(run))
        .isEqualTo(Map.of("n", 2, "verdict", "PASS"));
    assertThat(
            engine
                .getHistoryService()
                .createHistoricVariableInstanceQuery()
                .processInstanceId(run)
                .list())
        .extracting("variableName")
        .containsExactlyInAnyOrder("n", "verdict");
    engine.getRuntimeService().deleteProcessInstance(run, "over");
  }

  @Test
  void decisionThatAModelKeepsAsAVariable_isRefused() {
    assertThatThrownBy(
            () -> engine.getRuntimeService().startProcessInstanceByKey("keeping", Map.of("n", 2)))
        .isInstanceOf(VariableRefused.class);
  }

  @Test
  void decisionFromOutside_isRefusedLikeAnyObject() {
    DmnDecisionResult result =
        engine
            .getDecisionService()
            .evaluateDecisionByKey("gate")
            .variables(Map.of("n", 2))
            .evaluate();
    for (TypedValue value :
        List.of(Variables.untypedValue(result), Variables.objectValue(result).create())) {
      isRefused(
          () -> engine.getRuntimeService().startProcessInstanceByKey("task", Map.of("zz", value)));
    }
  }

  // ------------------------------------------------------------------ what an earlier version left

  @Test
  void objectThatAnEarlierVersionStored_isListedWithAnError_andNeverBuilt() throws Exception {
    var runtime = engine.getRuntimeService();
    String run = runtime.startProcessInstanceByKey("task", Map.of("old", "a", "new", "b")).getId();
    try (Connection database = DriverManager.getConnection(DATABASE, "sa", "");
        var statement = database.createStatement()) {
      statement.execute("UPDATE ACT_RU_VARIABLE SET TYPE_ = 'object' WHERE NAME_ = 'old'");
      statement.execute("UPDATE ACT_HI_VARINST SET VAR_TYPE_ = 'object' WHERE NAME_ = 'old'");
    }

    List<VariableInstance> listed =
        runtime.createVariableInstanceQuery().processInstanceIdIn(run).list();
    assertThat(listed).hasSize(2);
    VariableInstance old =
        listed.stream().filter(it -> it.getName().equals("old")).findFirst().orElseThrow();
    assertThat(old.getErrorMessage()).contains("a value of type 'object' is not read");
    assertThat(old.getTypeName()).isEqualTo("object");
    assertThat(
            engine
                .getHistoryService()
                .createHistoricVariableInstanceQuery()
                .processInstanceId(run)
                .variableName("old")
                .singleResult()
                .getErrorMessage())
        .contains("is not read");
    runtime.deleteProcessInstance(run, "over");
  }
}
