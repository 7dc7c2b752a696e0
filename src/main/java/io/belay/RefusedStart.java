package io.belay;

import io.belay.target.InvalidSetting;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.h2.api.ErrorCode;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** Says in a few sentences why Belay did not start, where the cause is known, and what to do. */
class RefusedStart implements FailureAnalyzer {

  @Override
  public FailureAnalysis analyze(Throwable failure) {
    return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
        .map(RefusedStart::explain)
        .filter(analysis -> analysis != null)
        .findFirst()
        .orElse(null);
  }

  private static FailureAnalysis explain(Throwable cause) {
    if (cause instanceof InvalidSetting) {
      return analysis(cause, cause.getMessage(), "Correct the setting and start again.");
    }
    return cause instanceof SQLException database ? explain(database) : null;
  }

  private static FailureAnalysis explain(SQLException database) {
    String state = String.valueOf(database.getSQLState());
    if (database.getErrorCode() == ErrorCode.DATABASE_ALREADY_OPEN_1) {
      return analysis(
          database,
          "The embedded engine database is in use by another process: " + database.getMessage(),
          "Another Belay runs in this directory: stop it, or give this one a database of its own"
              + " (BELAY_DATABASE_URL). Several nodes share a PostgreSQL, never a file.");
    }
    if (state.startsWith("08")) {
      return analysis(
          database,
          "The engine's database cannot be reached: " + database.getMessage(),
          "Check BELAY_DATABASE_URL, and that the server runs and can be reached from here.");
    }
    if (state.startsWith("28") || state.startsWith("3D")) {
      return analysis(
          database,
          "The engine's database does not let Belay in: " + database.getMessage(),
          "Check BELAY_DATABASE_URL, BELAY_DATABASE_USERNAME and BELAY_DATABASE_PASSWORD.");
    }
    return null;
  }

  private static FailureAnalysis analysis(Throwable cause, String description, String action) {
    return new FailureAnalysis(description, action, cause);
  }
}
