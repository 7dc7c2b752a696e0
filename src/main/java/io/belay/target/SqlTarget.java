package io.belay.target;

import java.time.Duration;

/** A database that answers SQL over JDBC. */
@ProtectedKind
public interface SqlTarget extends Target {

  /** Its JDBC address, without credentials. */
  String jdbcUrl();

  String username();

  Secret password();

  /** Time limit for connecting. */
  Duration connectTimeout();

  /** Time limit for one statement. */
  Duration queryTimeout();

  @Override
  default boolean holdsData() {
    return true;
  }
}
