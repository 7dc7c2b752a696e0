package io.belay.capability.schema;

import io.belay.step.StepPlan;
import io.belay.step.StepPlan.Effect;
import io.belay.target.Cancellation;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.PostgresTarget;
import io.belay.target.Progress;
import java.util.ArrayList;
import java.util.List;

/** The plan of a step that reads a whole database: how much, and how long that may take. */
final class FingerprintPlan {

  private FingerprintPlan() {}

  static StepPlan of(
      Connections connections,
      Environment environment,
      String migrationName,
      String summary,
      String... details) {
    MigrationTarget migration = environment.target(migrationName, MigrationTarget.class);
    PostgresTarget database = environment.target(migration.database(), PostgresTarget.class);
    long bytes =
        new FingerprintReader(
                connections, database, migration.ignoredTables(), Cancellation.NONE, Progress.NONE)
            .bytes();
    List<String> all = new ArrayList<>();
    all.add(
        "reads %s, %,d bytes of tables, in one read-only transaction"
            .formatted(database.describe(), bytes));
    all.addAll(List.of(details));
    return new StepPlan(
        Effect.OBSERVES, migration.database(), summary, all, FingerprintReader.expected(bytes));
  }
}
