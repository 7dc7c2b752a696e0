package io.belay.capability.schema;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Undoes;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.PostgresTarget;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Proves that the database is as it was: takes a fingerprint and compares it with the run's
 * fingerprint {@code name}. Rows that the application added meanwhile are reported and allowed
 * ({@link AddedRows}); any other difference fails. Not equal if there is no such fingerprint. If
 * the run changed nothing since the fingerprint, all differences are what users wrote, and count as
 * equal. Changes nothing. If the database is equal, no effect remains of the migrations that
 * started after that fingerprint, and the journal records that.
 *
 * @see TakeFingerprint
 */
@Component
@Undoes("applySchema")
public class CompareFingerprint
    extends StepDelegate<CompareFingerprint.Input, CompareFingerprint.Result> {

  public record Input(
      @DefaultValue("migration") @TargetName(MigrationTarget.class) String migration,
      @DefaultValue("before") String name) {}

  public record Result(boolean equal, int differences, String reason) {}

  private final Connections connections;

  CompareFingerprint(Connections connections) {
    super(Input.class, Result.class);
    this.connections = connections;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    Result result = compare(input, context);
    if (result.equal()) {
      context.takenBack(
          provenAbsent(input, context), "nothing stands: the database is as it was before");
    }
    return result;
  }

  /** The migrations that started after the fingerprint was complete. */
  private static List<PastStep> provenAbsent(Input input, StepContext context) {
    long taken = taken(input, context);
    return migrations(input, context).filter(past -> past.position() > taken).toList();
  }

  /** Where the run's first fingerprint of that name was taken; after all steps if nowhere. */
  private static long taken(Input input, StepContext context) {
    return RunFingerprints.firstTaken(context, input.migration(), input.name())
        .map(PastStep::position)
        .orElse(Long.MAX_VALUE);
  }

  private Result compare(Input input, StepContext context) throws Exception {
    Optional<Fingerprint> before = RunFingerprints.first(context, input.migration(), input.name());
    if (before.isEmpty() && migrations(input, context).findAny().isEmpty()) {
      return new Result(true, 0, "this run did not begin to change the schema");
    }
    if (before.isPresent() && context.changesSince(taken(input, context)).isEmpty()) {
      return new Result(true, 0, "this run changed nothing since its fingerprint");
    }
    if (before.isEmpty()) {
      return new Result(
          false,
          0,
          "this run has no fingerprint '%s', so nothing can be proven".formatted(input.name()));
    }
    new RunSessions(context, connections, input.migration()).endEarlier();
    FingerprintReader reader = FingerprintReader.of(connections, context, input.migration());
    FingerprintComparison comparison = FingerprintComparison.equality(before.get(), reader.take());
    if (!comparison.equal()
        && AddedRows.keepWhatWas(before.get(), reader.takeAsOf(before.get(), List.of()))) {
      AddedRows.Explanation added = added(before.get(), input, context);
      if (added.doubts().isEmpty()) {
        context.log("%s", added.text());
        return new Result(true, 0, shortened(added.text()));
      }
      comparison = new FingerprintComparison(added.doubts().size(), added.doubts());
    }
    comparison.first().forEach(difference -> context.log("Differs: %s", difference));
    return new Result(
        comparison.equal(), comparison.count(), comparison.describe("difference", 500));
  }

  private AddedRows.Explanation added(Fingerprint before, Input input, StepContext context) {
    MigrationTarget migration = context.target(input.migration(), MigrationTarget.class);
    PostgresTarget database = context.target(migration.database(), PostgresTarget.class);
    return new AddedRows(connections, database, migration.ignoredTables(), context.cancellation())
        .explain(before, MigrationWindow.of(context, input.migration()));
  }

  private static String shortened(String reason) {
    return reason.length() <= 500 ? reason : reason.substring(0, 497) + "...";
  }

  private static Stream<PastStep> migrations(Input input, StepContext context) {
    return context.started(ApplySchema.class).stream()
        .filter(step -> step.input(ApplySchema.Input.class).migration().equals(input.migration()));
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
        "compare schema and content with the fingerprint '%s'".formatted(input.name()));
  }
}
