package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.target.Environment;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FakeStepContextTest {

  record Input(String name, Duration pause) {}

  record Result(int written) {}

  private static final class WriteFile extends StepDelegate<Input, Result> {

    private WriteFile() {
      super(Input.class, Result.class);
    }

    @Override
    public Result perform(Input input, StepContext context) throws Exception {
      context.save("previous", 7);
      context
          .artifacts()
          .write(
              context.runId(),
              input.name(),
              "report",
              out -> {
                out.write(1);
                return Map.of();
              });
      return new Result(context.attempt());
    }

    @Override
    public StepPlan plan(Input input, Environment environment) {
      return StepPlan.changes("none", "writes a file");
    }
  }

  private final FakeStepContext context = new FakeStepContext(Map.of());
  private final WriteFile writeFile = new WriteFile();
  private final Input input = new Input("a.txt", Duration.ofSeconds(3));

  @Test
  void finishedStep_isFoundWithInputCheckpointsResultAndArtifacts() throws Exception {
    context.run(writeFile, input);

    PastStep past = context.started("writeFile").get(0);
    assertThat(past.input(Input.class)).isEqualTo(input);
    assertThat(past.saved("previous", Integer.class)).contains(7);
    assertThat(past.result(Result.class)).contains(new Result(1));
    assertThat(past.artifacts()).containsExactly("run-1/a.txt");
  }

  @Test
  void stepKilledAfterItsEffect_leavesNoResult() throws Exception {
    context.runKilled(writeFile, input);

    PastStep past = context.started("writeFile").get(0);
    assertThat(past.result(Result.class)).isEmpty();
    assertThat(past.artifacts()).isNotEmpty();
    assertThat(context.retry(writeFile, input)).isEqualTo(new Result(2));
    assertThat(context.started("writeFile")).hasSize(1);
  }

  @Test
  void stepKilledAfterSave_leavesCheckpointButNoEffect() throws Exception {
    context.runKilledAfterSave("previous", writeFile, input);

    PastStep past = context.started("writeFile").get(0);
    assertThat(past.saved("previous", Integer.class)).contains(7);
    assertThat(past.artifacts()).isEmpty();
  }
}
