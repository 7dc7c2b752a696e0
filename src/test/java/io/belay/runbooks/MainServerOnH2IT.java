package io.belay.runbooks;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.run.RunView;
import io.belay.step.StepObserver.Moment;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

@TestPropertySource(properties = "spring.datasource.url=jdbc:h2:mem:main-server;DB_CLOSE_DELAY=-1")
class MainServerOnH2IT extends MainServerContract {

  /** On one database only: it waits half a minute for the instance. */
  @Tag("full")
  @Test
  void replacedInstanceThatIsNotHealthy_isPutBack() {
    moments.at(
        "Task_AwaitHealthy", Moment.AFTER_INTENT, once(() -> WORLD.fault(named("redis-down"))));
    Map<String, Object> parameters = rolling();
    parameters.put("allowedFailures", 0);
    String run = start(parameters);
    mendOnTheWayBack(run);
    RunView view = awaitRolledBack(run);

    assertThat(moments.effects())
        .contains("Task_AwaitHealthy")
        .doesNotContain("Task_MeasureHealth");
    assertThat(undone(view)).contains("Undo_RollingUpdate");
  }
}
