package io.belay.capability.schema;

import io.belay.artifact.Artifact;
import io.belay.capability.schema.LostWrites.Loss;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.PostgresTarget;
import java.time.Instant;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Counts what restoring the backup would lose: the rows written since the run's first fingerprint
 * of that name, per table. Take that fingerprint just before the backup: writes between a backup
 * and a later fingerprint cannot be counted, and the report says so. Changes nothing.
 */
@Component
public class CountLostWrites extends StepDelegate<CountLostWrites.Input, CountLostWrites.Result> {

  private static final int REPORT_LENGTH = 3000;

  public record Input(
      @DefaultValue("migration") @TargetName(MigrationTarget.class) String migration,
      @DefaultValue("before") String name) {}

  /**
   * @param rows of all tables
   * @param report one line per table, at most 3000 characters
   */
  public record Result(long rows, String report) {}

  private final Connections connections;

  CountLostWrites(Connections connections) {
    super(Input.class, Result.class);
    this.connections = connections;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    new RunSessions(context, connections, input.migration()).endEarlier();
    MigrationTarget migration = context.target(input.migration(), MigrationTarget.class);
    PostgresTarget database = context.target(migration.database(), PostgresTarget.class);
    Fingerprint before = RunFingerprints.required(context, input.migration(), input.name());
    List<Loss> losses =
        new LostWrites(connections, database, migration.ignoredTables(), context.cancellation())
            .since(before);
    long rows = losses.stream().mapToLong(Loss::rows).sum();
    return new Result(rows, report(rows, losses, before, context));
  }

  private static String report(
      long rows, List<Loss> losses, Fingerprint before, StepContext context) {
    StringBuilder report =
        new StringBuilder("%d rows written since %s".formatted(rows, before.takenAt()));
    context.artifacts().ofRun(context.runId()).stream()
        .filter(artifact -> artifact.kind().equals("postgres-backup"))
        .map(Artifact::createdAt)
        .filter(backup -> backup.isBefore(Instant.parse(before.takenAt())))
        .forEach(
            backup ->
                report.append(
                    "%nnot counted: what was written between the backup of %s and then"
                        .formatted(backup)));
    for (int i = 0; i < losses.size(); i++) {
      String line = "\n%s: %s".formatted(losses.get(i).table(), losses.get(i).text());
      context.log("A restore would lose %s", line.strip());
      if (report.length() + line.length() > REPORT_LENGTH - 40) {
        return report.append("\nand %d more tables".formatted(losses.size() - i)).toString();
      }
      report.append(line);
    }
    return report.toString();
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
        "count the rows written since the fingerprint '%s', which a restore would lose"
            .formatted(input.name()));
  }
}
