package io.belay.capability.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.artifact.Artifact;
import io.belay.step.FakeStepContext;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.target.Environment;
import io.belay.target.RouterTarget;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FinishedBackupTest {

  private static final Nothing NOTHING = new Nothing();
  private static final URI ANYWHERE = URI.create("http://localhost");
  private static final RouterTarget ORDERS =
      new RouterTarget(
          RouterTarget.Kind.GATEWAY,
          ANYWHERE,
          ANYWHERE,
          Secret.none(),
          "main",
          "v1",
          "v2",
          Duration.ofSeconds(1));

  private final FakeStepContext context = new FakeStepContext(Map.of("orders", ORDERS));
  private final BackUp backup = new BackUp();
  private final Change change = new Change();

  @Test
  void runThatChangedNothingSinceItsLastBackup_restoresNothing_whateverItChangedBefore()
      throws Exception {
    backUp();
    changeSomething();
    backUp();

    assertThat(found()).isEmpty();
    assertThat(context.logs()).anyMatch(line -> line.contains("is kept as it is"));
  }

  @Test
  void lastBackupThatWasNotFinished_isNotWhatChangesAreCountedFrom() throws Exception {
    String complete = backUp();
    changeSomething();
    context.began(backup, NOTHING);

    assertThat(found())
        .hasValueSatisfying(
            found -> {
              assertThat(found.artifact().id()).isEqualTo(complete);
              assertThat(found.since().step()).isEqualTo("change");
            });
  }

  @Test
  void runThatChangedSomething_withoutAFinishedBackup_isAnIncident() throws Exception {
    context.began(backup, NOTHING);
    changeSomething();

    assertThatThrownBy(this::found)
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("no finished backUp of it");
  }

  @Test
  void runThatChangedSomethingBeforeItsFirstBackup_only_restoresNothing() throws Exception {
    changeSomething();
    context.began(backup, NOTHING);

    assertThat(found()).isEmpty();
  }

  private Optional<FinishedBackup> found() {
    return FinishedBackup.of("backUp", "orders", context.started("backUp"), context);
  }

  private String backUp() throws Exception {
    return context.run(backup, NOTHING).artifact();
  }

  private void changeSomething() throws Exception {
    context.run(change, NOTHING);
  }

  record Nothing() {}

  record Taken(String artifact) {}

  private static final class BackUp extends StepDelegate<Nothing, Taken> {

    BackUp() {
      super(Nothing.class, Taken.class);
    }

    @Override
    public Taken perform(Nothing input, StepContext context) throws Exception {
      Artifact artifact =
          context
              .artifacts()
              .write(
                  context.runId(),
                  context.stepKey(),
                  "backup",
                  out -> {
                    out.write(1);
                    return Map.of(
                        "target", "orders", StepContext.SOURCE, context.identity("orders"));
                  });
      return new Taken(artifact.id());
    }

    @Override
    public StepPlan.Effect effect() {
      return StepPlan.Effect.OBSERVES;
    }

    @Override
    public StepPlan plan(Nothing input, Environment environment) {
      return StepPlan.observes("orders", "backs it up");
    }
  }

  private static final class Change extends StepDelegate<Nothing, StepDelegate.Done> {

    Change() {
      super(Nothing.class, StepDelegate.Done.class);
    }

    @Override
    public Done perform(Nothing input, StepContext context) {
      return new Done();
    }

    @Override
    public StepPlan plan(Nothing input, Environment environment) {
      return StepPlan.changes("orders", "changes it");
    }
  }
}
