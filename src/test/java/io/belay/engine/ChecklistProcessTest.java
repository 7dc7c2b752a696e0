package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.capability.change.ChecklistTarget;
import io.belay.playground.Scratch;
import io.belay.step.FakeStepContext;
import io.belay.target.Command;
import io.belay.target.CommandTarget;
import io.belay.target.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.engine.task.Task;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The phase of a checklist and its undo, with their real steps and real commands. */
class ChecklistProcessTest {

  private static final String CHECKLIST =
      """
      pre_checks:
        - {name: Disk is free, command: look, expected: exit 0}
      steps:
        - {name: Maintenance mode, command: maintenance, temporary: true}
        - {name: Switch reads, command: reads}
        - {name: Update DNS, manual: Point the name here, rollback: Point it back, due: 2h}
        - {name: Switch writes, command: writes, when: fullCutover}
      post_checks:
        - {name: All is switched, command: switched, expected: matches ^maintenance reads writes}
        - Users can log in
      """;

  private static ModelWorld world;
  private static RealSteps steps;

  private Path directory;
  private FakeStepContext context;
  private String run;

  @BeforeAll
  static void deploy() {
    world = new ModelWorld();
    steps =
        new RealSteps(
            "ChooseItem",
            "ChooseItemBack",
            "ChangeByCommand",
            "RevertByCommand",
            "BeginByHand",
            "ConfirmTakenBack",
            "RunCommand");
  }

  @AfterAll
  static void close() {
    world.close();
    steps.close();
  }

  @AfterEach
  void forget() {
    world.forget();
  }

  @BeforeEach
  void world() throws IOException {
    directory = Scratch.directory("checklist-process");
    Path file = Files.writeString(directory.resolve("list.yml"), CHECKLIST);
    Map<String, Target> targets = new HashMap<>();
    targets.put("list", new ChecklistTarget(file));
    targets.put("look", CommandTarget.of(shell("true")));
    targets.put(
        "switched",
        CommandTarget.of(shell("ls | grep -E 'maintenance|reads|writes' | tr '\\n' ' '")));
    for (String name : List.of("maintenance", "reads", "writes")) {
      targets.put(
          name,
          new CommandTarget(
              null,
              shell("test -e " + name),
              shell("touch %1$s; echo +%1$s >> .calls".formatted(name)),
              shell("rm -f %1$s; echo -%1$s >> .calls".formatted(name)),
              Map.of(),
              List.of()));
    }
    context = new FakeStepContext(targets);
    steps.answer(world, context);
    world.answers.put("awaitCondition", call -> Map.of("verdict", "FAIL", "reason", "not asked"));
  }

  private Command shell(String script) {
    return new Command(List.of("sh", "-c", script), directory, Map.of(), Duration.ofSeconds(20));
  }

  private void start(String process, String switches) {
    run =
        world
            .engine
            .getRuntimeService()
            .startProcessInstanceByKey(
                process, Map.of("checklist", "list", "switches", switches, "deadline", "PT1H"))
            .getId();
    world.settle();
  }

  private void answer(String task, String key, String instruction) {
    Task waiting =
        world.engine.getTaskService().createTaskQuery().taskDefinitionKey(task).singleResult();
    assertThat(waiting).as(task).isNotNull();
    assertThat(world.engine.getTaskService().getVariable(waiting.getId(), "instruction"))
        .isEqualTo(instruction);
    world
        .engine
        .getTaskService()
        .complete(waiting.getId(), Map.of(key, true, "proof", "seen at noon"));
    world.settle();
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(directory.resolve(".calls"));
  }

  private String outcome() {
    return (String)
        world
            .engine
            .getHistoryService()
            .createHistoricVariableInstanceQuery()
            .processInstanceId(run)
            .variableName("outcome")
            .singleResult()
            .getValue();
  }

  @Test
  void wholeChecklist_passes_andWhatIsTemporaryIsTakenBackAtItsEnd() throws Exception {
    start("checklist", "fullCutover=true");
    answer("Task_ChangeByHand", "done", "Point the name here");
    answer("Task_CheckByHand", "done", "Users can log in");

    assertThat(outcome()).isEqualTo("passed");
    assertThat(calls()).containsExactly("+maintenance", "+reads", "+writes", "-maintenance");
  }

  @Test
  void dueTime_isThatOfTheItem() {
    start("checklist", "fullCutover=true");
    var tasks = world.engine.getTaskService();
    assertThat(tasks.createTaskQuery().singleResult().getDueDate())
        .isCloseTo(Date.from(Instant.now().plus(Duration.ofHours(2))), 60_000);
    answer("Task_ChangeByHand", "done", "Point the name here");
    assertThat(tasks.createTaskQuery().singleResult().getDueDate()).isNull();
  }

  @Test
  void failedCheck_endsThePhase_andItsUndoTakesBackTheLastItemFirst() throws Exception {
    start("checklist", "fullCutover=false"); // so the check after the steps finds no writes
    answer("Task_ChangeByHand", "done", "Point the name here");
    assertThat(outcome()).isEqualTo("failed");
    assertThat(calls()).containsExactly("+maintenance", "+reads");

    start("undo-checklist", "");
    assertThat(calls()).as("a person comes first").containsExactly("+maintenance", "+reads");
    answer("Task_TakeBackByHand", "takenBack", "Point it back");

    assertThat(calls()).containsExactly("+maintenance", "+reads", "-reads", "-maintenance");
    assertThat(context.takenBack()).hasSize(3).anyMatch(key -> key.startsWith("beginByHand"));
    start("undo-checklist", "");
    assertThat(calls()).hasSize(4);
  }

  @Test
  void abortWhileAPersonWorks_hasThatPersonsWorkTakenBack_too() throws Exception {
    start("checklist", "fullCutover=true");
    world
        .engine
        .getRuntimeService()
        .createMessageCorrelation("Abort")
        .processInstanceId(run)
        .setVariable("reason", "no")
        .correlate();
    world.settle();
    assertThat(outcome()).isEqualTo("aborted");

    start("undo-checklist", "");
    answer("Task_TakeBackByHand", "takenBack", "Point it back");
    assertThat(calls()).containsExactly("+maintenance", "+reads", "-reads", "-maintenance");
  }
}
