package io.belay.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.playground.World;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A part of the kill matrix: one way back, killed at a few steps that change something, at each of
 * them at another moment. {@code ./belay matrix kills} is the whole of it.
 */
class KillMatrixIT {

  /** Where a second effect would be the worst. */
  private static final Map<String, KillMoment> PLAN =
      Map.of(
          "applySchema", KillMoment.AFTER_EFFECT,
          "shiftTraffic", KillMoment.AFTER_EFFECT,
          "revertSchema", KillMoment.AFTER_RESULT);

  @TempDir Path directory;

  @AfterAll
  static void usersRest() {
    World.shared().users().rest();
  }

  @Test
  void killedAtStepsAndUndos_endsAsUndisturbed_andDoesNothingTwice() throws Exception {
    RunbookModel model = RunbookModel.of("main-server-v1-to-v2");
    Map<String, KillMoment> plan = new HashMap<>();
    for (RunbookModel.Step step : model.steps()) {
      if (PLAN.containsKey(step.step())) {
        plan.put(step.key(), PLAN.get(step.step()));
      }
    }
    KillMatrix matrix =
        new KillMatrix(
            World.shared(),
            model,
            directory,
            new QuickStart(directory.resolve("start")),
            KilledRuns.nothing(),
            line -> {});
    matrix.runMixed(new Scenarios(model).all().get(0), step -> Optional.ofNullable(plan.get(step)));

    assertThat(matrix.known().runs()).flatExtracting(KilledRun::problems).isEmpty();
    assertThat(matrix.known().runs().get(0).killed()).hasSize(plan.size());
  }
}
