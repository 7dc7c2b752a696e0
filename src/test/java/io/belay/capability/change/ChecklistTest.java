package io.belay.capability.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.playground.Scratch;
import io.belay.step.Assignments;
import io.belay.step.FakeStepContext;
import io.belay.target.Command;
import io.belay.target.CommandTarget;
import io.belay.target.Environment;
import io.belay.target.Target;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChecklistTest {

  /** The cutover of a written guide, with targets where it had shell commands. */
  private static final String CUTOVER =
      """
      cutover:
        pre_checks:
          - name: Data consistency verification
            number: sql db select match from consistency
            expected: = 100
          - name: Backup verification
            command: verify-backups
            expected: |
              exit 0
              contains All backups valid
        cutover_steps:
          - step: 1
            name: Enable maintenance mode
            command: maintenance
            temporary: true
          - step: 2
            name: Final data sync
            command: sync
            parameters: {MODE: final}
            when: fullCutover
          - step: 3
            name: Update DNS
            manual: Point the name at the new balancer
            rollback: Point it back
        post_checks:
          - User authentication working
      """;

  private final ChooseItem choose = new ChooseItem();
  private final ChooseItemBack back = new ChooseItemBack();
  private Path file;
  private FakeStepContext context;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(Scratch.directory("checklist").resolve("cutover.yml"), CUTOVER);
    context = new FakeStepContext(targets());
  }

  private Map<String, Target> targets() {
    Command some = Command.of("true");
    CommandTarget change = new CommandTarget(null, some, some, some, Map.of(), List.of());
    return Map.of(
        "cutover",
        new ChecklistTarget(file),
        "verify-backups",
        CommandTarget.of(some),
        "maintenance",
        change,
        "sync",
        change);
  }

  private static ChooseItem.Input all() {
    return new ChooseItem.Input("cutover", Assignments.valueOf("fullCutover=true"));
  }

  private ChooseItem.Result next() throws Exception {
    return context.run(choose, all());
  }

  private List<Integer> takenBack(boolean temporaryOnly) throws Exception {
    List<Integer> numbers = new ArrayList<>();
    ChooseItemBack.Result item;
    do {
      item = context.run(back, new ChooseItemBack.Input("cutover", temporaryOnly));
      numbers.add(item.number());
    } while (item.kind() != ItemKind.NONE);
    return numbers;
  }

  @Test
  void itemsComeOneByOne_inTheOrderOfTheFile() throws Exception {
    List<ItemKind> kinds = new ArrayList<>();
    ChooseItem.Result item;
    do {
      item = next();
      kinds.add(item.kind());
    } while (item.kind() != ItemKind.NONE);

    assertThat(kinds)
        .containsExactly(
            ItemKind.CHECK_NUMBER,
            ItemKind.CHECK_BY_COMMAND,
            ItemKind.CHANGE_BY_COMMAND,
            ItemKind.CHANGE_BY_COMMAND,
            ItemKind.CHANGE_BY_HAND,
            ItemKind.CHECK_BY_HAND,
            ItemKind.NONE);
  }

  @Test
  void itemThatWasChosenInAnAttemptThatWasKilled_isChosenAgain() throws Exception {
    next();
    context.runKilled(choose, all());

    assertThat(context.retry(choose, all()).number()).isEqualTo(2);
    assertThat(next()).extracting(ChooseItem.Result::number).isEqualTo(3);
  }

  @Test
  void itemThatIsOff_isLeftOut() throws Exception {
    ChooseItem.Input without =
        new ChooseItem.Input("cutover", Assignments.valueOf("fullCutover=false"));
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      numbers.add(context.run(choose, without).number());
    }

    assertThat(numbers).containsExactly(1, 2, 3, 5, 6, 0);
    assertThat(choose.plan(without, new Environment("t", "", targets())).details())
        .anyMatch(line -> line.startsWith("off: 4. Final data sync"))
        .anyMatch(line -> line.startsWith("3. Enable maintenance mode"));
  }

  @Test
  void changesAreTakenBack_theLastFirst_andOnlyThoseThatWereReached() throws Exception {
    for (int i = 0; i < 4; i++) {
      next(); // up to the sync
    }
    assertThat(takenBack(false)).containsExactly(4, 3, 0);
    assertThat(takenBack(false)).containsExactly(0);
  }

  @Test
  void atTheGoodEnd_onlyWhatIsTemporaryIsTakenBack_andNotAgainOnTheWayDown() throws Exception {
    for (int i = 0; i < 7; i++) {
      next();
    }
    assertThat(takenBack(true)).containsExactly(3, 0);
    assertThat(takenBack(false)).containsExactly(5, 4, 0);
  }

  @Test
  void takingBack_asksTheJournal_notTheFile() throws Exception {
    for (int i = 0; i < 5; i++) {
      next();
    }
    Files.delete(file);

    ChooseItemBack.Result item = context.run(back, new ChooseItemBack.Input("cutover", false));
    assertThat(item.kind()).isEqualTo(ItemKind.CHANGE_BY_HAND);
    assertThat(item.instruction()).isEqualTo("Point it back");
  }

  @Test
  void everyMistake_isSaidAtOnce_byItsPlace() throws IOException {
    Files.writeString(
        file,
        """
        pre_checks:
          - {name: a, command: x, expected: maybe}
          - {name: b, number: sql db select 1}
          - {expected: = 1}
        steps:
          - {name: c, command: x, http: y}
          - {name: d, manual: do it}
          - {name: e, command: x, rollback: kubectl delete configmap}
          - {name: f, command: x, step: 9}
        after: []
        """);
    assertThatThrownBy(() -> Checklist.read(new ChecklistTarget(file)))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("'after' is unknown")
        .hasMessageContaining("pre_checks[0]: 'maybe' is no expectation")
        .hasMessageContaining("pre_checks[1]: '' is no comparison")
        .hasMessageContaining("pre_checks[2]: 'name' is missing")
        .hasMessageContaining("steps[0]: needs one of")
        .hasMessageContaining("steps[1]: needs 'rollback'")
        .hasMessageContaining("steps[2]: has a 'rollback', but its target says how")
        .hasMessageContaining("steps[3]: 'step' must be 4");
  }

  @Test
  void personIsAskedForWhatTheItemSays() throws Exception {
    Files.writeString(
        file,
        """
        steps:
          - {name: a, manual: do it, rollback: undo it, proof: file, due: 90m, checks: [one, two]}
          - {name: b, manual: do it, rollback: undo it, proof: none}
        post_checks:
          - c
        """);
    ChooseItem.Result first = next();
    assertThat(first.askedFile()).isEqualTo("File that shows it");
    assertThat(first.askedText()).isEmpty();
    assertThat(first.due()).isEqualTo("PT1H30M");
    assertThat(List.of(first.check1(), first.check2(), first.check3()))
        .containsExactly("one", "two", "");
    ChooseItem.Result second = next();
    assertThat(second.askedFile() + second.askedText()).isEmpty();
    assertThat(second.due()).isNull();
    assertThat(next().askedText()).isEqualTo("What you saw");
    assertThat(choose.plan(all(), new Environment("t", "", targets())).details().get(0))
        .contains("to confirm: one, two; proof: file; due after PT1H30M; to take back: undo it");
  }

  @Test
  void mistakesInWhatAPersonIsAskedFor_areSaid() throws IOException {
    Files.writeString(
        file,
        """
        steps:
          - {name: a, manual: x, rollback: y, proof: photo}
          - {name: b, manual: x, rollback: y, due: 90}
          - {name: c, manual: x, rollback: y, due: 0s}
          - {name: d, manual: x, rollback: y, due: 400d}
          - {name: e, manual: x, rollback: y, checks: [1, 2, 3, 4, 5, 6, 7]}
          - {name: f, manual: x, rollback: y, checks: one}
          - {name: g, manual: x, rollback: y, checks: ['']}
          - {name: h, command: sync, proof: file}
        pre_checks:
          - {name: i, command: verify-backups, due: 5m}
        """);
    String due = "'due' must be a duration such as 30m, 2h or PT2H, more than 0";
    assertThatThrownBy(() -> Checklist.read(new ChecklistTarget(file)))
        .hasMessageContaining("steps[0]: 'proof' must be one of text, file and none")
        .hasMessageContaining("steps[1]: " + due)
        .hasMessageContaining("steps[2]: " + due)
        .hasMessageContaining("steps[3]: " + due)
        .hasMessageContaining("steps[4]: 'checks' has more than 6")
        .hasMessageContaining("steps[5]: 'checks' must be a list of texts")
        .hasMessageContaining("steps[6]: each of 'checks' must have 1 to 200 characters")
        .hasMessageContaining("steps[7]: 'proof' is possible for what a person does")
        .hasMessageContaining("pre_checks[0]: 'due' is possible for what a person does");
  }

  @Test
  void whatTheEnvironmentLacks_isSaidBeforeTheRun() {
    Map<String, Target> without =
        Map.of(
            "cutover",
            new ChecklistTarget(file),
            "maintenance",
            CommandTarget.of(Command.of("true")));
    assertThat(
            choose.check(
                new ChooseItem.Input("cutover", Assignments.none()),
                new Environment("t", "", without)))
        .hasSize(3)
        .anyMatch(problem -> problem.contains("there is no switch 'fullCutover'"))
        .anyMatch(problem -> problem.contains("verify-backups"))
        .anyMatch(problem -> problem.contains("'maintenance' has no 'apply'"));
  }

  @Test
  void twoChangesOfOneTarget_areRefused() throws IOException {
    Files.writeString(file, CUTOVER.replace("command: sync", "command: maintenance"));
    assertThat(choose.check(all(), new Environment("test", "", targets())))
        .anyMatch(problem -> problem.contains("an earlier step changes 'maintenance' too"));
  }

  @Test
  void aSecondCall_isRefused() throws Exception {
    while (next().kind() != ItemKind.NONE) {
      // to the end
    }
    assertThatThrownBy(this::next)
        .hasMessageContaining("has gone through checklist 'cutover' already");
  }
}
