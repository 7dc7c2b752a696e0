package io.belay.runbooks;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.playground.BackendScene;
import io.belay.playground.Fault;
import io.belay.run.RunStatus;
import io.belay.run.RunView;
import io.belay.run.RunView.GateView;
import io.belay.step.StepObserver.Moment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** The runbook {@code backend-improvements} on a real application: to the end, and back once. */
@TestPropertySource(properties = "spring.datasource.url=jdbc:h2:mem:backend;DB_CLOSE_DELAY=-1")
class BackendImprovementsIT extends RunbookContract {

  private static final BackendScene WORLD = BackendScene.start();

  BackendImprovementsIT() {
    super("backend-improvements", WORLD);
  }

  @DynamicPropertySource
  static void world(DynamicPropertyRegistry registry) throws Exception {
    configure(registry, WORLD, "environments");
  }

  @AfterAll
  static void end() throws Exception {
    WORLD.close();
  }

  @Test
  void everyGatePasses_andUsersHaveTheNewImplementation() {
    WORLD.users().reset();
    RunView view = operator.awaitStatus(start(quick()), RunStatus.COMPLETED);

    assertThat(phases(view))
        .containsExactly(
            "Phase_Preparation",
            "Phase_Backup",
            "Phase_Build",
            "Phase_Coverage",
            "Phase_Approval",
            "Phase_Deployment",
            "Phase_FlagRollout",
            "Phase_Contract",
            "Phase_Validation",
            "Phase_Soak",
            "Phase_PostMigration");
    assertThat(view.gates())
        .extracting(GateView::decision)
        .contains("coverage-gate", "service-gate", "comparison-gate");
    assertThat(WORLD.users().counts().byVersion()).containsKeys("old", "new");
  }

  @Test
  void errorInAnotherFormat_breaksTheContract_andUsersGetTheOldImplementationBack() {
    moments.at(
        "Task_SetFlag", Moment.AFTER_EFFECT, once(() -> WORLD.fault(Fault.named("contract"))));
    RunView view = awaitRolledBack(start(quick()));

    assertThat(phases(view)).endsWith("Phase_Contract");
    assertThat(view.reason()).contains("/error");
  }
}
