package io.belay.capability.backfill;

import io.belay.step.Comparison;
import io.belay.target.TargetException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Leaves the server time for others: a pause after each batch, and a longer one while its load is
 * not as wanted.
 *
 * @param pause after a batch that changed something
 * @param load a query for one number, asked before each batch; empty for none
 * @param wanted what that number must be
 */
record Throttle(Duration pause, String load, Comparison wanted) {

  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  /**
   * Waits until the load is as wanted; in no transaction meanwhile.
   *
   * @param waiting is told why, at each look
   * @throws TargetException when the query does not tell
   */
  void await(BackfillSession session, Consumer<String> waiting)
      throws SQLException, InterruptedException {
    if (load.isBlank()) {
      return;
    }
    String seen = look(session);
    while (!wanted.holdsFor(seen)) {
      waiting.accept("waits: the load is %s, %s is wanted".formatted(seen, wanted));
      session.pause(BETWEEN_LOOKS);
      seen = look(session);
    }
  }

  private String look(BackfillSession session) throws SQLException, InterruptedException {
    List<String> rows =
        session.transaction(
            work -> {
              work.execute("SET TRANSACTION READ ONLY");
              return work.query(
                  SqlText.expression(load), row -> String.valueOf(row.getString(1)), List.of());
            });
    if (rows.size() != 1 || !Comparison.isNumber(rows.get(0))) {
      throw new TargetException(
          "the query 'load' gave %s, where one number is wanted, so whether the server has room is not known; what was changed so far is recorded"
              .formatted(rows));
    }
    return rows.get(0);
  }
}
