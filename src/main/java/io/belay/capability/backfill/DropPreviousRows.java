package io.belay.capability.backfill;

import io.belay.capability.backfill.BackfillRows.Begun;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.PostgresTarget;
import jakarta.validation.constraints.NotBlank;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Drops the tables with the previous values of this run's backfills of one database: they can no
 * longer be taken back. Safe to repeat, and on nothing.
 */
@Component
public final class DropPreviousRows
    extends StepDelegate<DropPreviousRows.Input, DropPreviousRows.Result> {

  /**
   * @param database name of the PostgreSQL target
   */
  public record Input(@NotBlank @TargetName(PostgresTarget.class) String database) {}

  /**
   * @param dropped how many backfills there were
   */
  public record Result(int dropped) {}

  private final Connections connections;

  DropPreviousRows(Connections connections) {
    super(Input.class, Result.class);
    this.connections = connections;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    int dropped = 0;
    for (PastStep past : context.started(BackfillRows.class)) {
      BackfillRows.Input backfill = past.input(BackfillRows.Input.class);
      Optional<Begun> begun = past.saved(BackfillRows.BEGUN, Begun.class);
      if (begun.isPresent()
          && !begun.get().bound().isEmpty()
          && backfill.database().equals(input.database())) {
        drop(backfill, begun.get().table(), past, context);
        dropped++;
      }
    }
    return new Result(dropped);
  }

  private void drop(
      BackfillRows.Input backfill, BackfilledTable table, PastStep past, StepContext context)
      throws Exception {
    try (BackfillSession session =
        BackfillSession.open(
            connections,
            backfill.database(),
            backfill.lockTimeout(),
            backfill.lockedWithin(),
            context)) {
      try {
        session.hold(table.sql(), List.of(past.key()));
        new PreviousValues(session, table).drop();
        context.log("dropped %s", table.previousSql());
      } catch (SQLException e) {
        throw session.failure(e, "The table with the previous values is still there");
      }
    }
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.CANNOT_BE_UNDONE;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.cannotBeUndone(
        input.database(),
        "Drop the tables with the previous values of this run's backfills; they can no longer be taken back");
  }
}
