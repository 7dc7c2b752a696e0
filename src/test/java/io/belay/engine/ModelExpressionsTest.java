package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.ProcessEngineException;
import org.camunda.bpm.engine.delegate.JavaDelegate;
import org.camunda.bpm.engine.impl.cfg.StandaloneInMemProcessEngineConfiguration;
import org.camunda.bpm.engine.task.TaskQuery;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions in a real engine: what they can name, and what they cannot, through each way in. */
class ModelExpressionsTest {

  /** A bean whose methods would do something. */
  public static class Bean implements JavaDelegate {
    @Override
    public void execute(org.camunda.bpm.engine.delegate.DelegateExecution execution) {
      done.add("executed");
    }

    public String getY() {
      done.add("read");
      return "y";
    }

    public String x() {
      done.add("called");
      return "x";
    }
  }

  private static final List<String> done = new ArrayList<>();
  private static ProcessEngine engine;

  @BeforeAll
  static void start() {
    var configuration = new StandaloneInMemProcessEngineConfiguration();
    configuration.setProcessEngineName("expressions");
    configuration.setJdbcUrl("jdbc:h2:mem:expressions");
    configuration.setHistoryTimeToLive("P1D");
    configuration.setEnableCmdExceptionLogging(false);
    Map<Object, Object> beans = new HashMap<>();
    beans.put("b", new Bean());
    configuration.setBeans(beans);
    configuration.setEnableExpressionsInAdhocQueries(true); // the layer beneath holds by itself
    configuration.setExpressionManager(new ModelExpressions(beans));
    configuration.setScriptEngineResolver(new NoScripts());
    engine = configuration.buildProcessEngine();
  }

  @AfterAll
  static void stop() {
    engine.close();
  }

  private static String run(String input) {
    deploy(input);
    return engine
        .getRuntimeService()
        .startProcessInstanceByKey("model", "Friday", Map.of("n", 7))
        .getId();
  }

  private static void deploy(String input) {
    done.clear();
    engine
        .getRepositoryService()
        .createDeployment()
        .addModelInstance(
            "model.bpmn",
            Bpmn.createExecutableProcess("model")
                .startEvent()
                .serviceTask("Step")
                .camundaDelegateExpression("${b}")
                .camundaInputParameter("given", input)
                .userTask()
                .endEvent()
                .done())
        .deploy();
  }

  private static Object given(String input) {
    return engine
        .getHistoryService()
        .createHistoricVariableInstanceQuery()
        .processInstanceId(run(input))
        .variableName("given")
        .singleResult()
        .getValue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"${n}", "plain", "${n > 5}", "#{execution.processBusinessKey}"})
  void variables_comparisons_andTheRunsName_resolve_andDelegatesToo(String input) {
    assertThatCode(() -> run(input)).doesNotThrowAnyException();
    assertThat(done).containsExactly("executed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "${b.x()}",
        "${b.y}",
        "${b['y']}",
        "${''.getClass()}",
        "${''.class}",
        "${n.class}",
        "${execution.id}",
        "${execution.processEngineServices}",
        "${execution.setVariable('n', 1)}",
        "${now()}",
        "${currentUser()}"
      })
  void methods_properties_andFunctions_areRefused_beforeTheyAreCalled(String input) {
    assertThatThrownBy(() -> run(input)).isInstanceOf(ProcessEngineException.class);
    assertThat(done).doesNotContain("called", "read", "executed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"${b.x()}", "${b.y}", "${b}", "${''.concat('evaluated')}", "${1 + 1}"})
  void queries_evaluateNothing_howeverDeeplyNested(String expression) {
    done.clear();
    TaskQuery plain = engine.getTaskService().createTaskQuery().taskAssigneeExpression(expression);
    TaskQuery nested =
        engine
            .getTaskService()
            .createTaskQuery()
            .or()
            .taskAssigneeExpression(expression)
            .taskName("x")
            .endOr();
    assertThatThrownBy(plain::list).hasStackTraceContaining("The expression was not evaluated");
    assertThatThrownBy(nested::list).hasStackTraceContaining("The expression was not evaluated");
    assertThat(done).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"juel", "javascript", "groovy", "feel"})
  void scripts_areRefused_inEveryLanguage(String language) {
    engine
        .getRepositoryService()
        .createDeployment()
        .addModelInstance(
            "script.bpmn",
            Bpmn.createExecutableProcess("script")
                .startEvent()
                .scriptTask()
                .scriptFormat(language)
                .scriptText("1")
                .endEvent()
                .done())
        .deploy();
    assertThatThrownBy(() -> engine.getRuntimeService().startProcessInstanceByKey("script"))
        .hasStackTraceContaining("scripts are switched off");
  }

  @Test
  void runsName_isHandedOver_asModelerWritesIt() {
    assertThat(given("#{execution.processBusinessKey}")).isEqualTo("Friday");
  }
}
