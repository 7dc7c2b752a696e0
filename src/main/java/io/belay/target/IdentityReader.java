package io.belay.target;

import io.belay.target.TargetIdentity.By;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks a target which system it is: a PostgreSQL server for its system identifier and the
 * database's object id, Redis for its run and replication ids, the file system for device and inode
 * of a directory. One connection, a few milliseconds. Changes nothing.
 */
public class IdentityReader {

  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final String NOT_ALLOWED = "42501";

  private final Connections connections;

  public IdentityReader(Connections connections) {
    this.connections = connections;
  }

  /** What the environment file alone says; empty for what is no place. */
  public static Optional<TargetIdentity> named(Target target) {
    return target
        .address()
        .map(address -> new TargetIdentity(by(target), address, new TreeMap<>()));
  }

  private static By by(Target target) {
    if (target instanceof PostgresTarget) {
      return By.POSTGRES;
    } else if (target instanceof RedisTarget) {
      return By.REDIS;
    }
    return target instanceof DocumentStoreTarget || target instanceof ConfigurationTarget
        ? By.FILES
        : By.ADDRESS;
  }

  /**
   * @return empty for what is no place
   * @throws TargetException when the system cannot be asked
   */
  public Optional<TargetIdentity> read(Target target) {
    return named(target)
        .map(named -> new TargetIdentity(named.by(), named.address(), facts(target)));
  }

  private SortedMap<String, String> facts(Target target) {
    SortedMap<String, String> facts = new TreeMap<>();
    try {
      if (target instanceof PostgresTarget postgres) {
        ask(postgres, facts);
      } else if (target instanceof RedisTarget redis) {
        ask(redis, facts);
      } else if (target instanceof DocumentStoreTarget store) {
        kernel(facts);
        directory("legacy", store.legacy(), facts);
        directory("store", store.store(), facts);
      } else if (target instanceof ConfigurationTarget files) {
        kernel(facts);
        file("baseline", files.baseline(), facts);
        file("candidate", files.candidate(), facts);
      }
      return facts;
    } catch (SQLException | RedisException | IOException e) {
      throw new TargetException(
          "%s does not tell which system it is: %s. Nothing was done there; retry when it answers"
              .formatted(target.describe(), e.getMessage()),
          e);
    }
  }

  private void ask(PostgresTarget target, SortedMap<String, String> facts) throws SQLException {
    try (Connection connection = connections.postgres(target);
        Statement statement = connection.createStatement()) {
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
  }

  private void ask(RedisTarget target, SortedMap<String, String> facts) throws IOException {
    facts.put(TargetIdentity.SERVER, server(target));
    try (StatefulRedisConnection<byte[], byte[]> connection = connections.redis(target)) {
      String info = connection.sync().info("server") + connection.sync().info("replication");
      put(TargetIdentity.PROCESS, "run_id", info, facts);
      put(TargetIdentity.REPLICATION, "master_replid", info, facts);
      put(TargetIdentity.FORMER_REPLICATION, "master_replid2", info, facts);
    }
  }

  /** A loopback address names another server on each machine. */
  private static String server(RedisTarget target) throws UnknownHostException {
    InetAddress address = InetAddress.getByName(target.host());
    String host = address.getHostAddress();
    return (address.isLoopbackAddress() ? "127.0.0.1 of " + thisMachine() : host)
        + ":"
        + target.port();
  }

  private static String thisMachine() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "an unnamed machine";
    }
  }

  private static void put(String fact, String field, String info, SortedMap<String, String> facts) {
    Matcher found =
        Pattern.compile("(?m)^" + field + ":([0-9a-f]*[1-9a-f][0-9a-f]*)").matcher(info);
    if (found.find()) {
      facts.put(fact, found.group(1));
    }
  }

  /** Device numbers are comparable under one kernel only. */
  private static void kernel(SortedMap<String, String> facts) throws IOException {
    facts.put(
        TargetIdentity.KERNEL,
        Files.isReadable(BOOT) ? Files.readString(BOOT).strip() : thisMachine());
  }

  private static void directory(String role, Path path, SortedMap<String, String> facts)
      throws IOException {
    facts.put(role + " path", resolved(path).toString());
    if (Files.isDirectory(path)) {
      facts.put(role + " device", Files.getAttribute(path, "unix:dev").toString());
      facts.put(role + " inode", Files.getAttribute(path, "unix:ino").toString());
    }
  }

  /** The file itself is replaced whenever it is written. */
  private static void file(String role, Path path, SortedMap<String, String> facts)
      throws IOException {
    Path resolved = resolved(path);
    facts.put(role + " path", resolved.toString());
    facts.put(role + " device", Files.getAttribute(existing(resolved), "unix:dev").toString());
  }

  private static Path resolved(Path path) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    Path existing = existing(absolute);
    return existing.toRealPath().resolve(existing.relativize(absolute)).normalize();
  }

  /** The path, or the nearest directory above it that exists. */
  private static Path existing(Path absolute) {
    Path existing = absolute;
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    return existing;
  }
}
