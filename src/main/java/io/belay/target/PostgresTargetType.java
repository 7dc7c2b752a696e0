package io.belay.target;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/**
 * {@code type: postgres}. Its identity is the server's system identifier and the database's object
 * id; if the login may not read the identifier, the server's own address replaces it.
 */
@Component
final class PostgresTargetType implements TargetType<PostgresTarget> {

  private static final String NOT_ALLOWED = "42501";

  private final Connections connections;

  PostgresTargetType(Connections connections) {
    this.connections = connections;
  }

  @Override
  public String name() {
    return "postgres";
  }

  @Override
  public Class<PostgresTarget> settings() {
    return PostgresTarget.class;
  }

  @Override
  public SortedMap<String, String> identify(PostgresTarget target) throws SQLException {
    try (Connection connection = connections.postgres(target)) {
      return facts(connection);
    }
  }

  /** What the server says of itself. */
  static SortedMap<String, String> facts(Connection connection) throws SQLException {
    SortedMap<String, String> facts = new TreeMap<>();
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery(
              "select oid::bigint::text, coalesce(pg_catalog.host(pg_catalog.inet_server_addr()), 'local')"
                  + " || ':' || pg_catalog.inet_server_port()"
                  + " from pg_catalog.pg_database where datname = pg_catalog.current_database()")) {
        row.next();
        facts.put(TargetIdentity.DATABASE, row.getString(1));
        facts.put(TargetIdentity.SERVER, row.getString(2));
      }
      try (ResultSet row =
          statement.executeQuery(
              "select system_identifier::text from pg_catalog.pg_control_system()")) {
        row.next();
        facts.put(TargetIdentity.SYSTEM, row.getString(1));
      } catch (SQLException e) {
        if (!NOT_ALLOWED.equals(e.getSQLState())) {
          throw e;
        }
      }
    }
    return facts;
  }

  @Override
  public Optional<Version> probe(PostgresTarget target) throws SQLException {
    try (Connection connection = connections.postgres(target);
        Statement statement = connection.createStatement()) {
      try (ResultSet one = statement.executeQuery("SELECT 1")) {
        one.next();
      }
      try (ResultSet version = statement.executeQuery("SHOW server_version")) {
        version.next();
        return Optional.of(new Version(version.getString(1), target.minimumVersion()));
      }
    }
  }
}
