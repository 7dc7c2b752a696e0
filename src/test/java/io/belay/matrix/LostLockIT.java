package io.belay.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.playground.Needs;
import io.belay.playground.World;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nodes that share one PostgreSQL, of which some are paused beyond their lock in the middle of a
 * step: others take over, the run goes back, and when the paused ones go on they change nothing.
 */
@Tag("full")
class LostLockIT {

  @TempDir Path directory;

  @BeforeEach
  void needsProc() {
    Needs.that(Files.isDirectory(Path.of("/proc/self")), "Linux's /proc");
  }

  @Test
  void nodesThatGoOnAfterOthersTookOver_changeNothing() throws Exception {
    Scenario back = new Scenarios(RunbookModel.of("main-server-v1-to-v2")).all().get(0);
    Map<String, KillMoment> pauses = new LinkedHashMap<>();
    pauses.put("database-migration/Task_ApplySchema", KillMoment.MIDDLE);
    pauses.put("progressive-rollout/Task_ShiftTraffic", KillMoment.BEFORE_EFFECT);

    // A world of its own: effects are counted from its beginning.
    try (World world = World.start()) {
      PausedNodes.Result result = new PausedNodes(world, directory).run(back, pauses);

      assertThat(result.problems()).isEmpty();
      assertThat(result.outcome().status()).isEqualTo("ROLLED_BACK");
    }
  }
}
