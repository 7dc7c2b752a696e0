package io.belay.schema;

import org.postgresql.util.PSQLException;

/**
 * What the server said when something failed, alone: what libraries put around it carries whole
 * statements and rows of data.
 */
final class ServerWords {

  private ServerWords() {}

  static String of(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message =
        root instanceof PSQLException server && server.getServerErrorMessage() != null
            ? server.getServerErrorMessage().getMessage()
            : root.getMessage();
    return String.valueOf(message).replace('\n', ' ');
  }
}
