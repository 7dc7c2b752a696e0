package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.capability.document.DocumentStoreTarget;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.step.StepWorld.ChangeThings;
import io.belay.target.Environments;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** No step reaches a system that only has the name of the run's target. */
class RunTargetsTest {

  private static StepWorld world;

  private final String run = world.run(0);
  private ChangeThings step;
  private Path one;
  private Path other;

  @BeforeAll
  static void start() {
    world = new StepWorld();
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  @BeforeEach
  void twoStores() throws Exception {
    one = Files.createTempDirectory("one");
    other = Files.createTempDirectory("other");
    name(one);
    world.get(RunTargets.class).named(run, world.get(Environments.class).load("test"));
    step = world.step();
    step.work =
        (input, context) -> {
          DocumentStoreTarget notes =
              context.environment().target("notes", DocumentStoreTarget.class);
          Files.writeString(notes.legacy().resolve("changed"), "");
          return ChangeThings.DONE;
        };
  }

  private static void name(Path store) throws Exception {
    Files.writeString(
        world.get(Path.class).resolve("test.yml"),
        """
        targets:
          notes:
            type: document-store
            legacy: %s
        """
            .formatted(store));
  }

  private void runStep() throws Exception {
    String key = UUID.randomUUID().toString();
    StepTask task = new StepTask(key, run, run, run, "Task_ChangeThings", Map.of());
    world.get(StepRunner.class).run(step, StepCall.of(task), new CancelSignal(() -> false));
  }

  @Test
  void environmentThatWasEdited_isRefused_untilItIsPutRight() throws Exception {
    runStep();
    name(other);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(this::runStep)
          .isInstanceOf(StepFailed.class)
          .hasMessageContaining("target 'notes'")
          .hasMessageContaining("document-store:" + one)
          .hasMessageContaining("document-store:" + other)
          .satisfies(failure -> assertThat(((StepFailed) failure).isPermanent()).isTrue());
    }
    assertThat(other).isEmptyDirectory();
    assertThat(world.journal().entries(run, Kind.TARGET_REFUSED)).hasSize(1);

    name(one);
    runStep();
    assertThat(world.get(RunTargets.class).accept(run, "notes", "moved", "olga"))
        .as("what is as it was cannot be replaced by what was refused before")
        .isEmpty();
  }

  @Test
  void environmentThatWasEditedBeforeTheFirstContact_isRefusedToo() throws Exception {
    name(other);
    assertThatThrownBy(this::runStep).hasMessageContaining("another system");
    assertThat(other).isEmptyDirectory();
  }

  @Test
  void targetThatAPersonAccepted_isTheRunsFromThenOn() throws Exception {
    runStep();
    name(other);
    assertThatThrownBy(this::runStep).isInstanceOf(StepFailed.class);
    assertThat(world.get(RunTargets.class).accept(run, "notes", "the disk was full", "olga"))
        .isPresent();
    runStep();
    assertThat(other.resolve("changed")).exists();
    JournalEntry accepted = world.journal().last(run, Kind.TARGET_ACCEPTED).orElseThrow();
    assertThat(accepted.actor()).isEqualTo("olga");
    assertThat(accepted.text()).contains(other.toString()).contains("the disk was full");
    name(one);
    assertThatThrownBy(this::runStep).hasMessageContaining("another system");
  }
}
