package io.belay.capability.schema;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.PostgresTarget;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Measures whether the migration left everything intact and made the expected changes, by the run's
 * fingerprint {@code before} and the expectations of the migration target. The numbers go to a
 * decision table; each finding is in the run's log. Changes nothing.
 */
@Component
public class CheckIntegrity extends StepDelegate<CheckIntegrity.Input, CheckIntegrity.Result> {

  public record Input(
      @DefaultValue("migration") @TargetName(MigrationTarget.class) String migration) {}

  /**
   * @param failedQueries test queries with an error or without a row
   * @see IntegrityCheck
   */
  public record Result(
      int missingTables,
      int missingIndexes,
      int wrongColumns,
      int changedTables,
      int failedQueries,
      String reason) {}

  private final Connections connections;

  CheckIntegrity(Connections connections) {
    super(Input.class, Result.class);
    this.connections = connections;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    new RunSessions(context, connections, input.migration()).endEarlier();
    MigrationTarget migration = context.target(input.migration(), MigrationTarget.class);
    PostgresTarget database = context.target(migration.database(), PostgresTarget.class);
    Fingerprint before = RunFingerprints.required(context, input.migration(), "before");
    Fingerprint after =
        FingerprintReader.of(connections, context, input.migration())
            .takeAsOf(before, migration.hashedTables());
    IntegrityCheck check = IntegrityCheck.of(before, after, migration);
    List<String> failed = new TestQueries(connections, database).failures(migration.testQueries());
    check.notes().forEach(note -> context.log("Allowed: %s", note));
    List<String> findings = new ArrayList<>(check.findings());
    findings.addAll(failed);
    findings.forEach(finding -> context.log("Not intact: %s", finding));
    return new Result(
        check.missingTables(),
        check.missingIndexes(),
        check.wrongColumns(),
        check.changedTables(),
        failed.size(),
        reason(before, findings, migration));
  }

  private static String reason(
      Fingerprint before, List<String> findings, MigrationTarget migration) {
    if (findings.isEmpty()) {
      return "%d tables with %d rows are intact; expected tables, indexes and columns are there; %d test queries succeed"
          .formatted(before.tables().size(), before.rows(), migration.testQueries().size());
    }
    return new FingerprintComparison(findings.size(), findings).describe("finding", 500);
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    MigrationTarget migration = environment.target(input.migration(), MigrationTarget.class);
    return FingerprintPlan.of(
        connections,
        environment,
        input.migration(),
        "check that everything from before is intact and everything expected is there",
        "expected tables: " + migration.expectedTables(),
        "expected indexes: " + migration.expectedIndexes(),
        "expected jsonb columns: " + migration.expectedJsonb(),
        "compared content: "
            + (migration.hashedTables().isEmpty() ? "all tables" : migration.hashedTables()),
        "test queries: " + migration.testQueries(),
        "accepted changes: " + migration.acceptedChanges());
  }
}
