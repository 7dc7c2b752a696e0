package io.belay.target;

import java.sql.SQLException;
import org.postgresql.util.PSQLException;

/**
 * The server's own message of a failure, without the detail: that may show the values of a whole
 * row, and a message goes to the journal.
 */
public final class ServerWords {

  private ServerWords() {}

  /** The failure itself where the server sends no detail. */
  public static SQLException withoutDetail(SQLException e) {
    if (!(e instanceof PSQLException by) || by.getServerErrorMessage() == null) {
      return e;
    }
    SQLException said = new SQLException(by.getServerErrorMessage().getMessage(), e.getSQLState());
    said.setStackTrace(e.getStackTrace());
    return said;
  }

  /** The message of the deepest cause, in one line; libraries add whole statements to it. */
  public static String of(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message =
        root instanceof SQLException failure
            ? withoutDetail(failure).getMessage()
            : root.getMessage();
    return String.valueOf(message).replace('\n', ' ');
  }
}
