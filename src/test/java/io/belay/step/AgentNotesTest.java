package io.belay.step;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoInteractions;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.journal.Kind;
import io.belay.step.AgentSteps.Opened;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What an agent may note about a step that it works on. */
class AgentNotesTest {

  private static StepWorld world;

  private final StepJournal journal = mock(StepJournal.class);
  private final AgentSteps agents =
      new AgentSteps(null, null, null, null, null, null, world.get(StepCatalog.class), null);
  private final JsonNode executions =
      world.get(StepRecords.class).write(Map.of("executions", List.of("key-of-a-change")));

  @BeforeAll
  static void start() {
    world = new StepWorld();
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  private void note(String step, JsonNode payload) {
    agents.note(new Opened(null, step, journal), Kind.TAKEN_BACK, "taken back", payload);
  }

  @Test
  void takenBack_isAnUndosToSay() {
    assertThatThrownBy(() -> note("changeThings", executions))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("kind: changeThings undoes nothing, so it takes nothing back");
    verifyNoInteractions(journal);

    note("restoreThings", executions);
    verify(journal).note(Kind.TAKEN_BACK, "taken back", executions);
  }

  @Test
  void takenBack_namesExecutions() {
    assertThatThrownBy(() -> note("restoreThings", null))
        .hasMessage("payload: {executions} is needed, an array of step keys");
    verifyNoInteractions(journal);
  }
}
