package io.belay.capability.change;

import io.belay.capability.change.SqlTransaction.Fate;
import io.belay.capability.change.SqlTransaction.Mark;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;

/** How it is known afterwards whether a transaction was committed, however its client ended. */
interface TransactionLog {

  /**
   * Names the transaction that the connection begins.
   *
   * @param begun takes the mark before the transaction has an effect
   */
  Mark begin(Connection connection, Consumer<Mark> begun) throws SQLException;

  /** Whether the connection is still in that transaction: no statement has ended it. */
  boolean isIn(Connection connection, Mark mark) throws SQLException;

  /**
   * What became of a transaction; one that still works is ended first, or can commit no more.
   *
   * @throws io.belay.target.TargetException when that cannot be known
   */
  Fate fate(Connection connection, Mark mark) throws SQLException, InterruptedException;
}
