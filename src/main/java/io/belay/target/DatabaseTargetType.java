package io.belay.target;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/**
 * {@code type: database}. The identity of MySQL is the server's UUID, of MariaDB its {@code
 * server_uid} or, if it has none, its host, port and data directory; of PostgreSQL as for {@code
 * type: postgres}; of any other product its address and catalog. Each includes the schema.
 */
@Component
final class DatabaseTargetType implements TargetType<DatabaseTarget> {

  private static final Pattern LOGIN =
      Pattern.compile("(?i)//[^/]*@|[?&;](user|username|password|pwd)=");

  private final Connections connections;

  DatabaseTargetType(Connections connections) {
    this.connections = connections;
  }

  @Override
  public String name() {
    return "database";
  }

  @Override
  public Class<DatabaseTarget> settings() {
    return DatabaseTarget.class;
  }

  @Override
  public void check(DatabaseTarget target, SettingRules rules) {
    rules.require(
        !LOGIN.matcher(target.url()).find(),
        "url",
        "must not have a login; give it as 'username' and 'password'");
    rules.require(
        target.url().startsWith("jdbc:") && connections.driver(target.jdbcUrl()).isPresent(),
        "url",
        "must be a JDBC address whose driver is here, such as jdbc:mariadb://host:3306/name; put the driver's jar into the extensions");
  }

  @Override
  public SortedMap<String, String> identify(DatabaseTarget target) throws SQLException {
    try (Connection connection = connections.sql(target)) {
      return switch (target.product()) {
        case "postgresql" -> postgres(connection);
        case "mariadb" -> mysql(connection);
        default -> other(connection, target);
      };
    }
  }

  private static SortedMap<String, String> postgres(Connection connection) throws SQLException {
    SortedMap<String, String> facts = PostgresTargetType.facts(connection);
    if (facts.containsKey(TargetIdentity.SYSTEM)) {
      facts.remove(TargetIdentity.SERVER); // one server has several addresses
    }
    return facts;
  }

  private static SortedMap<String, String> mysql(Connection connection) throws SQLException {
    SortedMap<String, String> variables = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SHOW VARIABLES WHERE Variable_name IN"
                    + " ('server_uuid', 'server_uid', 'hostname', 'port', 'datadir')")) {
      while (row.next()) {
        variables.put(row.getString(1), row.getString(2));
      }
    }
    String id = variables.getOrDefault("server_uuid", variables.get("server_uid"));
    SortedMap<String, String> facts = new TreeMap<>();
    facts.put(
        TargetIdentity.SERVER,
        id != null
            ? id
            : "%s:%s %s"
                .formatted(
                    variables.get("hostname"), variables.get("port"), variables.get("datadir")));
    facts.put("schema", String.valueOf(connection.getCatalog()));
    return facts;
  }

  private static SortedMap<String, String> other(Connection connection, DatabaseTarget target)
      throws SQLException {
    SortedMap<String, String> facts = new TreeMap<>();
    facts.put(TargetIdentity.SERVER, target.identity().orElseThrow());
    facts.put("product", connection.getMetaData().getDatabaseProductName());
    facts.put("schema", connection.getCatalog() + "." + connection.getSchema());
    return facts;
  }

  @Override
  public Optional<Version> probe(DatabaseTarget target) throws SQLException {
    try (Connection connection = connections.sql(target)) {
      DatabaseMetaData server = connection.getMetaData();
      return Optional.of(
          new Version(
              server.getDatabaseProductName() + " " + server.getDatabaseProductVersion(), 0));
    }
  }
}
