package io.belay.capability.schema;

import org.postgresql.util.PSQLException;

/**
 * The server's own message of a failure: what libraries add contains whole statements and rows of
 * data.
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
