package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.capability.measure.MeasureNumbers;
import io.belay.model.Runbooks;
import io.belay.playground.Scratch;
import io.belay.step.FakeStepContext;
import io.belay.step.OverriddenStep;
import io.belay.target.Command;
import io.belay.target.CommandTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The gate on numbers that its caller names, with its real steps, real commands and a table. */
class NumberGateProcessTest {

  private static final Path TABLE = Path.of("examples/shop/processes/decisions/orders-gate.dmn");

  private static ModelWorld world;
  private static RealSteps steps;

  private Path directory;
  private String run;

  @BeforeAll
  static void deploy() {
    world = new ModelWorld(TABLE);
    steps = new RealSteps("MeasureNumbers", "NumberReader", "TallyVerdict");
  }

  @AfterAll
  static void close() {
    world.close();
    steps.close();
  }

  @BeforeEach
  void targets() throws IOException {
    directory = Scratch.directory("number-gate");
    steps.answer(
        world, new FakeStepContext(Map.of("paid", prints("paid"), "stuck", prints("stuck"))));
    print("paid", "12");
    print("stuck", "0");
  }

  @AfterEach
  void forget() {
    world.forget();
  }

  private CommandTarget prints(String file) {
    return CommandTarget.of(
        new Command(List.of("cat", file), directory, Map.of(), Duration.ofSeconds(20)));
  }

  private void print(String file, String number) throws IOException {
    Files.writeString(directory.resolve(file), number);
  }

  private void start(Map<String, Object> more) {
    Map<String, Object> inputs =
        new HashMap<>(
            Map.of(
                "numbers", "paid = output paid\nstuck = output stuck",
                "table", "orders-gate",
                "duration", "PT0S",
                "every", "PT1M",
                "allowedFailures", 0L,
                "requiredPasses", 1L,
                "deadline", "PT1H"));
    inputs.putAll(more);
    run =
        world.engine.getRuntimeService().startProcessInstanceByKey("watch-numbers", inputs).getId();
    world.settle();
  }

  private void nextMeasurement() {
    var timers = world.engine.getManagementService().createJobQuery().timers();
    world
        .engine
        .getManagementService()
        .executeJob(timers.activityId("Timer_Every").singleResult().getId());
    world.settle();
  }

  private Object value(String name) {
    return value(run, name);
  }

  private Object ofTheGate(String name) {
    String gate =
        world
            .engine
            .getHistoryService()
            .createHistoricProcessInstanceQuery()
            .superProcessInstanceId(run)
            .singleResult()
            .getId();
    return value(gate, name);
  }

  private static Object value(String instance, String name) {
    return world
        .engine
        .getHistoryService()
        .createHistoricVariableInstanceQuery()
        .activityInstanceIdIn(instance) // without what is local to a step
        .variableName(name)
        .singleResult()
        .getValue();
  }

  private List<Object> verdicts() {
    return world.calls.stream()
        .filter(call -> call.step().equals("tallyVerdict"))
        .map(call -> call.inputs().get("verdict"))
        .toList();
  }

  @Test
  void numbersAsTheTableWantsThem_pass() {
    start(Map.of());

    assertThat(value("outcome")).isEqualTo("passed");
    assertThat(verdicts()).containsExactly("PASS");
  }

  @Test
  void numberAboveItsLimit_fails() throws IOException {
    print("stuck", "3");
    start(Map.of());

    assertThat(value("outcome")).isEqualTo("failed");
    assertThat(value("reason")).isEqualTo("3 orders are stuck, the limit is 2");
    assertThat(verdicts()).containsExactly("FAIL");
  }

  @Test
  void numberThatCouldNotBeMeasured_isNoData_byItsName_evenWhenItWasMeasuredBefore()
      throws IOException {
    start(Map.of("requiredPasses", 2L));
    assertThat(verdicts()).containsExactly("PASS");
    Files.delete(directory.resolve("stuck"));
    nextMeasurement();

    assertThat(value("outcome")).isEqualTo("failed");
    assertThat(value("reason").toString())
        .startsWith("The measurement is incomplete: stuck: 'output stuck' gave no number: ");
    assertThat(verdicts()).containsExactly("PASS", "NO_DATA");
    assertThat(ofTheGate("stuck")).isNull();
  }

  @Test
  void measurementThatAPersonDidByHand_leavesNoNumberOfTheOneBefore() {
    start(Map.of("requiredPasses", 2L));
    assertThat(ofTheGate("stuck")).isEqualTo(0.0);
    world.answers.put("measureNumbers", call -> OverriddenStep.result(MeasureNumbers.Result.class));
    nextMeasurement();

    assertThat(ofTheGate("stuck")).isNull();
    assertThat(verdicts()).containsExactly("PASS", "INCONCLUSIVE");
  }

  @Test
  void figuresOfATable_areSeparatedByCommas_whichNoneOfThemHas() throws IOException {
    var repository = world.engine.getRepositoryService();
    String table =
        Files.readString(TABLE)
            .replace("orders-gate", "lost-gate")
            .replace("<text>stuck</text>", "<text>max(stuck, 2, lost)</text>");
    String deployment =
        repository.createDeployment().addString("lost-gate.dmn", table).deploy().getId();

    assertThat(Runbooks.asked(repository, deployment, "lost-gate"))
        .hasValue("complete,paid,max(stuck  2  lost)");
  }

  @Test
  void measurementThatAPersonDidByHand_isNoPass() {
    world.answers.put("measureNumbers", call -> OverriddenStep.result(MeasureNumbers.Result.class));
    start(Map.of());

    assertThat(value("outcome")).isEqualTo("failed");
    assertThat(verdicts()).containsExactly("INCONCLUSIVE");
  }

  @Test
  void allowedFailures_areWaitedFor_untilTheNumbersAreGood() throws IOException {
    print("stuck", "3");
    start(Map.of("allowedFailures", 1L));
    print("stuck", "1");
    nextMeasurement();

    assertThat(value("outcome")).isEqualTo("passed");
    assertThat(verdicts()).containsExactly("FAIL", "PASS");
  }
}
