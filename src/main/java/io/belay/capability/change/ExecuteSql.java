package io.belay.capability.change;

import io.belay.capability.change.SqlTransaction.Fate;
import io.belay.capability.change.SqlTransaction.Mark;
import io.belay.step.Assignments;
import io.belay.step.Checkpoint;
import io.belay.step.Comparison;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.SqlTarget;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Executes statements in one transaction, which is committed only when they touch as many rows as
 * wanted. Executed once: the server says of an attempt that was killed whether it was committed.
 *
 * @see RevertSql
 */
@Component
@Checkpoint(name = ExecuteSql.TRANSACTION, type = Mark.class)
@Checkpoint(name = ExecuteSql.TOUCHED, type = Long.class)
public final class ExecuteSql extends StepDelegate<ExecuteSql.Input, ExecuteSql.Result> {

  /** Checkpoint that names the transaction, before it has an effect. */
  static final String TRANSACTION = "transaction";

  /** Checkpoint with the rows that were touched, of a transaction that was committed. */
  static final String TOUCHED = "touched";

  /**
   * @param database name of the target, {@code postgres} or {@code database}
   * @param statements separated by semicolons, with {@code :name} where a value belongs
   * @param values for these names, a {@code name=value} a line; the server converts them
   * @param rows how many rows may be inserted, updated and deleted, such as {@code <= 100}
   * @param undo statements that take them back, with the same values
   * @param temporary whether it must be taken back at the good end, too
   */
  public record Input(
      @NotBlank @TargetName(SqlTarget.class) String database,
      @NotNull SqlStatements statements,
      @NotNull @DefaultValue("") Assignments values,
      @NotNull Comparison rows,
      @NotNull SqlStatements undo,
      @DefaultValue("false") boolean temporary) {}

  /**
   * @param rows that were touched; null when an attempt that was killed had committed them
   */
  public record Result(Long rows) {}

  private final Connections connections;

  ExecuteSql(Connections connections) {
    super(Input.class, Result.class);
    this.connections = connections;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    requireCheck(input, context);
    SqlTransaction transaction = new SqlTransaction(connections, input.database(), context);
    Mark earlier = context.saved(TRANSACTION, Mark.class).orElse(null);
    if (earlier != null && transaction.fate(earlier) == Fate.COMMITTED) {
      return new Result(context.saved(TOUCHED, Long.class).orElse(null));
    }
    long rows =
        transaction.commit(
            input.statements(),
            input.values().values(),
            input.rows(),
            mark -> context.save(TRANSACTION, mark));
    context.save(TOUCHED, rows);
    context.log("%d rows of '%s' were touched", rows, input.database());
    return new Result(rows);
  }

  @Override
  public List<String> check(Input input, Environment environment) {
    Map<String, String> given = input.values().values();
    List<String> problems = new ArrayList<>();
    if (input.statements().isBlank()) {
      problems.add("'statements' has none");
    }
    input
        .statements()
        .uncounted()
        .ifPresent(
            word ->
                problems.add(
                    "'statements' has '%s', whose rows the server does not count; write plain INSERT, UPDATE and DELETE"
                        .formatted(word)));
    if (input.undo().isBlank()) {
      problems.add(
          "'undo' has no statements; a change that nothing takes back cannot be rolled back");
    }
    if (!SqlTransaction.isPostgres(environment.target(input.database(), SqlTarget.class))) {
      input
          .statements()
          .notPortable()
          .ifPresent(
              why -> problems.add("'statements' on '%s' %s".formatted(input.database(), why)));
      input
          .undo()
          .notPortable()
          .ifPresent(why -> problems.add("'undo' on '%s' %s".formatted(input.database(), why)));
    }
    TreeSet<String> needed = new TreeSet<>(input.statements().names());
    needed.addAll(input.undo().names());
    needed.stream()
        .filter(name -> !given.containsKey(name))
        .forEach(name -> problems.add("'values' has none for :%s".formatted(name)));
    given.keySet().stream()
        .filter(name -> !needed.contains(name))
        .forEach(
            name -> problems.add("'values' has '%s', which no statement asks for".formatted(name)));
    return problems;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    List<String> details = new ArrayList<>();
    details.add(input.statements().text().strip());
    input
        .values()
        .values()
        .forEach((name, value) -> details.add(":%s is '%s'".formatted(name, value)));
    details.add("committed only when they touch %s rows".formatted(input.rows()));
    details.add("undo: " + input.undo().text().strip());
    if (!SqlTransaction.isPostgres(environment.target(input.database(), SqlTarget.class))) {
      details.add(
          "the transaction has a row in the table '%s' there, which is made if there is none"
              .formatted(TransactionTable.TABLE));
    }
    return StepPlan.changes(
        input.database(),
        "Execute statements in one transaction that touches %s rows".formatted(input.rows()),
        details.toArray(String[]::new));
  }
}
