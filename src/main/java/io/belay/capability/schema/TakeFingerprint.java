package io.belay.capability.schema;

import io.belay.artifact.Artifact;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Connections;
import io.belay.target.Environment;
import jakarta.validation.constraints.Pattern;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Takes the {@link Fingerprint} of the migration's database and keeps it as an artifact. When
 * repeated after a crash, returns the existing one, which shows the state before the run's next
 * steps. Changes nothing.
 */
@Component
public class TakeFingerprint extends StepDelegate<TakeFingerprint.Input, TakeFingerprint.Result> {

  /**
   * @param name by which later steps refer to it
   */
  public record Input(
      @DefaultValue("migration") @TargetName(MigrationTarget.class) String migration,
      @DefaultValue("before") @Pattern(regexp = "[a-z0-9-]{1,40}") String name) {}

  /**
   * @param fingerprint digest over schema and content
   */
  public record Result(String artifact, int tables, long rows, String fingerprint) {}

  private final Connections connections;

  TakeFingerprint(Connections connections) {
    super(Input.class, Result.class);
    this.connections = connections;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    String fileName = "fingerprint-%s-%s.json".formatted(input.name(), context.stepKey());
    Optional<Artifact> taken = context.artifacts().find(context.runId() + "/" + fileName);
    Fingerprint fingerprint =
        taken.isPresent()
            ? RunFingerprints.read(context, taken.get())
            : reader(input, context).take();
    Artifact artifact = RunFingerprints.store(context, fileName, fingerprint);
    return new Result(
        artifact.id(), fingerprint.tables().size(), fingerprint.rows(), fingerprint.digest());
  }

  private FingerprintReader reader(Input input, StepContext context) {
    new RunSessions(context, connections, input.migration()).endEarlier();
    return FingerprintReader.of(connections, context, input.migration());
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return FingerprintPlan.of(
        connections,
        environment,
        input.migration(),
        "take the fingerprint '%s' of schema and content".formatted(input.name()));
  }
}
