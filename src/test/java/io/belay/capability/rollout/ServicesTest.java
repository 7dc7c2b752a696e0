package io.belay.capability.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.command.ChildProcesses;
import io.belay.gateway.TestBackend;
import io.belay.step.FakeStepContext;
import io.belay.step.StepPlan;
import io.belay.target.Command;
import io.belay.target.HttpProbe;
import io.belay.target.ServiceTarget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServicesTest {

  @TempDir Path directory;
  private final ServiceControl control = new ServiceControl(new ChildProcesses(), new HttpProbe());
  private final StartService start = new StartService(control);
  private final StopService stop = new StopService(control);
  private final DecommissionService decommission = new DecommissionService(control);
  private FlaggedService service;
  private TestBackend server;
  private FakeStepContext context;

  @BeforeEach
  void start() throws Exception {
    service = new FlaggedService(directory, "v2");
    server = FlaggedService.server(service);
    context = new FakeStepContext(Map.of("v2", service.withRunning(server.address())));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void start_thenUndo_leavesItAsItWas() throws Exception {
    assertThat(context.run(start, input())).isEqualTo(new StartService.Result(true));
    assertThat(service.runs()).isTrue();
    assertThat(context.run(stop, undo())).isEqualTo(new StopService.Result(true));
    assertThat(service.runs()).isFalse();
    assertThat(context.run(stop, undo())).isEqualTo(new StopService.Result(false));
    assertThat(commands()).containsExactly("start v2", "stop v2");
  }

  @Test
  void whatRanBefore_isNeitherStartedNorStopped() throws Exception {
    service.runs(true);
    assertThat(context.run(start, input())).isEqualTo(new StartService.Result(false));
    assertThat(context.run(stop, undo())).isEqualTo(new StopService.Result(false));
    assertThat(service.runs()).isTrue();
    assertThat(directory.resolve("commands.log")).doesNotExist();
  }

  @Test
  void killedBetweenStartAndResult_isNotStartedTwice_andStillStoppedByTheUndo() throws Exception {
    context.runKilled(start, input());
    assertThat(context.retry(start, input())).isEqualTo(new StartService.Result(true));
    assertThat(context.run(stop, undo())).isEqualTo(new StopService.Result(true));
    assertThat(commands()).containsExactly("start v2", "stop v2");
  }

  @Test
  void undoOnNothing_leavesAForeignServiceAlone() throws Exception {
    service.runs(true);
    assertThat(context.run(stop, undo())).isEqualTo(new StopService.Result(false));
    assertThat(service.runs()).isTrue();
  }

  @Test
  void unhealthyAfterStart_failsWithTheLastAnswer_andTheUndoStopsIt() throws Exception {
    TestBackend sick =
        new TestBackend(exchange -> TestBackend.text(exchange, 500, "out of memory"));
    try (sick) {
      FakeStepContext broken =
          new FakeStepContext(Map.of("v2", service.withRunning(sick.address())));
      assertThatThrownBy(() -> broken.run(start, input()))
          .hasMessageContaining("not healthy within 2 s")
          .hasMessageContaining("500");
      assertThat(service.runs()).isTrue();
      assertThat(broken.run(stop, undo())).isEqualTo(new StopService.Result(true));
      assertThat(service.runs()).isFalse();
    }
  }

  @Test
  void failingStartCommand_isTold() {
    Command fails = FlaggedService.shell("echo port is taken >&2; exit 3");
    ServiceTarget target =
        FlaggedService.service(
            server.address(), fails, service.stop(), service.running(), List.of());
    assertThatThrownBy(() -> new FakeStepContext(Map.of("v2", target)).run(start, input()))
        .hasMessageContaining("ended with 3")
        .hasMessageContaining("port is taken");
    ServiceTarget none =
        FlaggedService.service(server.address(), null, null, service.running(), List.of());
    assertThatThrownBy(() -> new FakeStepContext(Map.of("v2", none)).run(start, input()))
        .hasMessageContaining("no start command");
  }

  @Test
  void command_isToldWhichAttemptWantsIt() {
    Command tells =
        FlaggedService.shell(
            "echo by $BELAY_RUN, ${BELAY_STEP:?}, $BELAY_ATTEMPT, fence $BELAY_FENCE >&2; exit 3");
    ServiceTarget target =
        FlaggedService.service(
            server.address(), tells, service.stop(), service.running(), List.of());
    FakeStepContext replaced = new FakeStepContext(Map.of("v2", target));
    assertThatThrownBy(() -> replaced.run(start, input()))
        .hasMessageMatching("(?s).*by run-1, \\S+, 1, fence 0.*");
    assertThatThrownBy(() -> replaced.retry(start, input()))
        .hasMessageMatching("(?s).*by run-1, \\S+, 2, fence 0.*");
  }

  @Test
  void decommission_stopsWhateverStartedIt_andCannotBeUndone() throws Exception {
    service.runs(true);
    DecommissionService.Input input = new DecommissionService.Input("v2");
    assertThat(decommission.plan(input, context.environment()).effect())
        .isEqualTo(StepPlan.Effect.CANNOT_BE_UNDONE);
    assertThat(service.runs()).isTrue();
    assertThat(context.run(decommission, input)).isEqualTo(new DecommissionService.Result(true));
    assertThat(context.run(decommission, input)).isEqualTo(new DecommissionService.Result(false));
    assertThat(service.runs()).isFalse();
  }

  private static StartService.Input input() {
    return new StartService.Input("v2");
  }

  private static StopService.Input undo() {
    return new StopService.Input("v2");
  }

  private List<String> commands() throws Exception {
    return Files.readAllLines(directory.resolve("commands.log"));
  }
}
