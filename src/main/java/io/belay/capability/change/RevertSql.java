package io.belay.capability.change;

import io.belay.capability.change.SqlTransaction.Fate;
import io.belay.capability.change.SqlTransaction.Mark;
import io.belay.step.Checkpoint;
import io.belay.step.Comparison;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.SqlTarget;
import jakarta.validation.constraints.NotNull;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Executes the undo statements of what {@link ExecuteSql} committed, the latest first, each in one
 * transaction and once. Safe to repeat, and on nothing.
 *
 * @see ExecuteSql
 */
@Component
@Undoes("executeSql")
@Checkpoint(name = RevertSql.BEGUN, type = RevertSql.Begun.class)
public final class RevertSql extends UndoDelegate<RevertSql.Input, RevertSql.Result> {

  /** Checkpoint that names the undo's transactions, each before it has an effect. */
  static final String BEGUN = "begun";

  /** Undo statements were given for what they take back; their number of rows is their own. */
  private static final Comparison ANY = Comparison.valueOf(">= 0");

  /**
   * @param database name of the target; {@code none} for all
   */
  public record Input(
      @NotNull @DefaultValue(TargetName.NONE) @TargetName(SqlTarget.class) String database) {}

  /**
   * @param reverted how many transactions it took back
   */
  public record Result(int reverted) {}

  /** All undo transactions that one execution of this step has begun. */
  record Begun(List<Undo> undos) {}

  /**
   * @param of key of the execution that it takes back
   */
  record Undo(String of, Mark mark) {}

  private final Connections connections;

  RevertSql(Connections connections) {
    super(Input.class, Result.class);
    this.connections = connections;
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    return input.database().equals(TargetName.NONE)
        || past.input(ExecuteSql.Input.class).database().equals(input.database());
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> executions, StepContext context)
      throws Exception {
    int reverted = 0;
    for (int i = executions.size() - 1; i >= 0; i--) {
      reverted += revert(executions.get(i), context) ? 1 : 0;
    }
    return new Result(reverted);
  }

  private boolean revert(PastStep past, StepContext context) throws Exception {
    Optional<Mark> made = past.saved(ExecuteSql.TRANSACTION, Mark.class);
    if (made.isEmpty()) {
      return false; // it never began
    }
    ExecuteSql.Input input = past.input(ExecuteSql.Input.class);
    SqlTransaction transaction = new SqlTransaction(connections, input.database(), context);
    if (transaction.fate(made.get()) == Fate.ABORTED) {
      return false;
    }
    for (Begun earlier : context.savedBy(List.of("revertSql"), BEGUN, Begun.class)) {
      for (Undo undo : earlier.undos()) {
        if (undo.of().equals(past.key()) && transaction.fate(undo.mark()) == Fate.COMMITTED) {
          return false;
        }
      }
    }
    long rows =
        transaction.commit(
            input.undo(),
            input.values().values(),
            ANY,
            mark -> remember(new Undo(past.key(), mark), context));
    context.log("%s took back %d rows of '%s'", past.activityId(), rows, input.database());
    return true;
  }

  private static void remember(Undo undo, StepContext context) {
    List<Undo> all = new ArrayList<>();
    context.saved(BEGUN, Begun.class).ifPresent(begun -> all.addAll(begun.undos()));
    all.add(undo);
    context.save(BEGUN, new Begun(List.copyOf(all)));
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.changes(
        input.database(),
        "Execute the undo statements of what this run committed, the latest first");
  }
}
