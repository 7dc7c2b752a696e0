package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.step.StandingChanges.Balance;
import io.belay.step.StandingChanges.Standing;
import io.belay.step.StepWorld.ChangeThings;
import io.belay.step.StepWorld.RestoreThings;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A change stands until the journal proves the opposite, for each execution by itself. */
class StandingChangesTest {

  private static StepWorld world;

  private final String run = world.run(0);
  private RestoreThings undo;

  @BeforeAll
  static void start() {
    world = new StepWorld();
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  @BeforeEach
  void whole() {
    undo = world.get(RestoreThings.class);
    undo.broken = false;
    world.step().work = (input, context) -> ChangeThings.DONE;
  }

  private String change(String things) {
    return run(world.step(), UUID.randomUUID().toString(), things);
  }

  private String takeBack(String things) {
    return run(undo, UUID.randomUUID().toString(), things);
  }

  private String run(StepDelegate<?, ?> step, String key, String things) {
    StepTask task =
        new StepTask(
            key, run, run, run, "Task_" + StepNames.of(step.getClass()), Map.of("things", things));
    catchThrowable(
        () ->
            world
                .get(StepRunner.class)
                .run(step, StepCall.of(task), new CancelSignal(() -> false)));
    return key;
  }

  private void override(String step, String key) {
    world
        .journal()
        .append(
            JournalEntry.of(run, Kind.SKIP_REQUESTED, "by hand")
                .at(run, "Task_" + step)
                .ofStep(step, key)
                .by("olga"));
  }

  private Balance balance() {
    return world.get(StandingChanges.class).of(run);
  }

  private List<String> standing() {
    return balance().standing().stream().map(Standing::key).toList();
  }

  @Test
  void changeThatFailed_standsUntilItsUndoHasRun() {
    world.step().work =
        (input, context) -> {
          throw new IllegalStateException("killed half way");
        };
    String failed = change("all");
    assertThat(standing()).containsExactly(failed);
    takeBack("all");
    assertThat(balance()).isEqualTo(new Balance(List.of(), false));
  }

  @Test
  void undoOfOtherThings_takesNothingElseBack() {
    change("one");
    String second = change("two");
    takeBack("one");
    assertThat(standing()).containsExactly(second);
    assertThat(balance().standing().get(0).input()).contains("things two");
    assertThat(balance().standing().get(0).why()).isEqualTo("no undo recorded taking it back");
  }

  @Test
  void changeThatWasMadeAgain_standsAgain() {
    String key = UUID.randomUUID().toString();
    world.step().work =
        (input, context) -> {
          throw new IllegalStateException("killed half way");
        };
    run(world.step(), key, "all");
    takeBack("all");
    run(world.step(), key, "all");
    assertThat(standing()).containsExactly(key);
  }

  @Test
  void undoThatFailed_provesNothing() {
    String key = change("all");
    undo.broken = true;
    takeBack("all");
    assertThat(standing()).containsExactly(key);
  }

  @Test
  void overriddenUndo_countsForWhatItWasToTakeBack() {
    change("one");
    String second = change("two");
    undo.broken = true;
    override("restoreThings", takeBack("one"));
    assertThat(standing()).containsExactly(second);
    override("restoreThings", takeBack("two"));
    assertThat(balance()).isEqualTo(new Balance(List.of(), true));
  }

  @Test
  void changeByHand_ofWhichTheJournalKnowsNothing_stands() {
    override("changeThings", "never-began");
    assertThat(standing()).containsExactly("never-began");
    assertThat(balance().standing().get(0).why()).isEqualTo("olga did it by hand: by hand");
  }

  @Test
  void recordOfAStepThatUndoesSomethingElse_provesNothing() {
    String key = change("all");
    StepTask task = new StepTask(UUID.randomUUID().toString(), run, run, run, "Task_Two", Map.of());
    PastStep past =
        new JournaledStep(
            "changeThings",
            world.journal().ofStepKey(key),
            world.get(StepRecords.class),
            "run of a test");
    world.step().work =
        (input, context) -> {
          context.takenBack(List.of(past), "an agent says so");
          return ChangeThings.DONE;
        };
    catchThrowable(
        () ->
            world
                .get(StepRunner.class)
                .run(world.step(), StepCall.of(task), new CancelSignal(() -> false)));
    assertThat(world.told(task.key())).contains(Kind.TAKEN_BACK);
    assertThat(standing()).containsExactly(key, task.key());
  }

  @Test
  void recordOfAnUndo_countsOnlyForWhatItsInputCovers() {
    String first = change("one");
    String second = change("two");
    String lying = takeBack("one");
    for (String undo : List.of(lying, "that-never-began")) {
      world
          .journal()
          .append(
              JournalEntry.of(run, Kind.TAKEN_BACK, "an agent says so")
                  .at(run, "Task_restoreThings")
                  .ofStep("restoreThings", undo)
                  .with(
                      world
                          .get(StepRecords.class)
                          .write(Map.of("executions", List.of(first, second)))));
    }
    assertThat(standing()).containsExactly(second);
    takeBack("two");
    assertThat(standing()).isEmpty();
  }

  @Test
  void recordWithoutAnyExecution_provesNothing_andHindersNoEnd() {
    String key = change("all");
    for (String payload : new String[] {null, "nothing"}) {
      world
          .journal()
          .append(
              JournalEntry.of(run, Kind.TAKEN_BACK, "all of it")
                  .ofStep("restoreThings", "of an agent")
                  .with(payload == null ? null : world.get(StepRecords.class).write(payload)));
    }
    assertThat(standing()).containsExactly(key);
  }

  @Test
  void undoOfAnEarlierVersion_provesNothing_andIsNamed() {
    String key = change("all");
    String old = UUID.randomUUID().toString();
    for (Kind kind : List.of(Kind.INTENT, Kind.RESULT)) {
      world
          .journal()
          .append(
              JournalEntry.of(run, kind, "done")
                  .at(run, "Undo_Things")
                  .ofStep("restoreThings", old)
                  .with(
                      world
                          .get(StepRecords.class)
                          .write(kind == Kind.INTENT ? new RestoreThings.Input("all") : Map.of())));
    }
    assertThat(standing()).containsExactly(key);
    assertThat(balance().standing().get(0).why()).contains("earlier version");
  }

  @Test
  void stepThatNobodyKnows_stands() {
    world
        .journal()
        .append(
            JournalEntry.of(run, Kind.INTENT, "attempt 1")
                .at(run, "Task_Foreign")
                .ofStep("foreignStep", "foreign")
                .with(world.get(StepRecords.class).write(Map.of("of", "a jar that is gone"))));
    assertThat(standing()).containsExactly("foreign");
    assertThat(balance().standing().get(0).why()).contains("no such step");
  }

  @Test
  void formerNameOfAStep_isTheSameStep() {
    world
        .journal()
        .append(
            JournalEntry.of(run, Kind.INTENT, "attempt 1")
                .at(run, "Task_AlterThings")
                .ofStep("alterThings", "old")
                .with(
                    world
                        .get(StepRecords.class)
                        .write(
                            new ChangeThings.Input(
                                "all",
                                10,
                                java.time.Duration.ofSeconds(5),
                                List.of(),
                                StepWorld.Mode.KEEP,
                                null))));
    assertThat(standing()).containsExactly("old");
    takeBack("all");
    assertThat(standing()).isEmpty();
  }
}
