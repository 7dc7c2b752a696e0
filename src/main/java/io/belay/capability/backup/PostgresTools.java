package io.belay.capability.backup;

import io.belay.command.Commands;
import io.belay.step.BusinessStop;
import io.belay.target.Cancellation;
import io.belay.target.Command;
import io.belay.target.Connections;
import io.belay.target.PassFile;
import io.belay.target.PostgresTarget;
import io.belay.target.Secret;
import io.belay.target.ServerWatch;
import io.belay.target.TargetException;
import java.io.InputStream;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/**
 * Runs PostgreSQL's own programs, from where the target says they are, with its login: they get the
 * password in a password file, never in an argument.
 */
@Component
class PostgresTools {

  /** Time limit of a dump or a restore. */
  static final Duration LONGEST = Duration.ofHours(24);

  private static final Pattern VERSION = Pattern.compile("(\\d+)(\\.\\d+)?");

  private final Commands commands;
  private final Connections connections;

  PostgresTools(Commands commands, Connections connections) {
    this.commands = commands;
    this.connections = connections;
  }

  /** Versions of the server and of the programs that belong to it, for people. */
  record Versions(String server, String pgDump) {}

  /** For short statements, bounded by the target's query time-out. */
  Connection connect(PostgresTarget database) {
    Connection connection = connections.postgres(database);
    try {
      makeWritable(connection);
      return connection;
    } catch (SQLException e) {
      throw new TargetException(
          "%s ends a new session: %s. Nothing was done there; retry when it answers"
              .formatted(database.describe(), e.getMessage()),
          e);
    }
  }

  /** Overrides the database's default: a freeze for others must not stop the restore. */
  private static void makeWritable(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("set default_transaction_read_only = off");
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** For statements without a time limit; cut when the watch says so. */
  Connection connectUnbounded(PostgresTarget database, ServerWatch watch) throws SQLException {
    Connection connection = connections.postgresUnbounded(database);
    makeWritable(connection);
    try {
      watch.of(connection);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /**
   * Does work without a time limit, as long as the server gives signs of life.
   *
   * @param state in which a silent server leaves things
   */
  <T> T watched(PostgresTarget database, Cancellation step, String state, ServerWatch.Work<T> work)
      throws Exception {
    return ServerWatch.during(connections, database, step, state, work);
  }

  /**
   * @throws BusinessStop when pg_dump is older than the server: it could not read all of it
   * @throws TargetException when there is no pg_dump, or the server cannot be reached
   */
  Versions requireSuitable(PostgresTarget database, Cancellation cancellation) {
    Command ask = command(database, List.of("pg_dump", "--version"), Duration.ofSeconds(30));
    Commands.Result answer = commands.run(ask, Map.of(), cancellation, line -> {});
    Matcher matcher = VERSION.matcher(answer.output());
    if (!answer.succeeded() || !matcher.find()) {
      throw new TargetException(
          "'%s' does not tell its version: %s. Install PostgreSQL's client programs or correct 'tools' of the target"
              .formatted(ask, answer.output().strip()));
    }
    int major = Integer.parseInt(matcher.group(1));
    try (Connection connection = connect(database)) {
      int server = connection.getMetaData().getDatabaseMajorVersion();
      String text = connection.getMetaData().getDatabaseProductVersion();
      if (major < server) {
        throw new BusinessStop(
            "pg_dump %s is older than the server of %s, which is PostgreSQL %s: it cannot back it up. Install the client programs of version %d or newer, or set 'tools' of the target"
                .formatted(matcher.group(), database.describe(), text, server));
      }
      return new Versions(text, matcher.group());
    } catch (SQLException e) {
      throw new TargetException(
          "the version of %s cannot be read: %s".formatted(database.describe(), e.getMessage()), e);
    }
  }

  /** Runs a program that logs in, passing its standard output on. */
  Commands.Result read(
      PostgresTarget database,
      List<String> arguments,
      Cancellation cancellation,
      Commands.Pipe<InputStream> out)
      throws Exception {
    return loggedIn(
        database,
        environment ->
            commands.runReading(
                command(database, withKeepAlive(arguments), LONGEST),
                environment,
                cancellation,
                out));
  }

  /** Runs a program that logs in. */
  Commands.Result run(
      PostgresTarget database,
      List<String> arguments,
      Cancellation cancellation,
      Consumer<String> lines)
      throws Exception {
    return loggedIn(
        database,
        environment ->
            commands.run(
                command(database, withKeepAlive(arguments), LONGEST),
                environment,
                cancellation,
                lines));
  }

  /** Runs a program that logs in, feeding and reading it at once. */
  Commands.Result filter(
      PostgresTarget database,
      List<String> arguments,
      Cancellation cancellation,
      Commands.Pipe<OutputStream> in,
      Commands.Pipe<InputStream> out)
      throws Exception {
    return loggedIn(
        database,
        environment ->
            commands.runFiltering(
                command(database, withKeepAlive(arguments), LONGEST),
                environment,
                cancellation,
                in,
                out));
  }

  /** Runs a program that needs no login (pg_restore that only converts), feeding and reading it. */
  Commands.Result convert(
      PostgresTarget database,
      List<String> arguments,
      Cancellation cancellation,
      Commands.Pipe<OutputStream> in,
      Commands.Pipe<InputStream> out)
      throws Exception {
    return commands.runFiltering(
        command(database, arguments, LONGEST), Map.<String, Secret>of(), cancellation, in, out);
  }

  @FunctionalInterface
  private interface Login {
    Commands.Result with(Map<String, Secret> environment) throws Exception;
  }

  private Commands.Result loggedIn(PostgresTarget database, Login program) throws Exception {
    try (PassFile login = PassFile.of(database)) {
      return program.with(connections.postgresEnvironment(database, login.path()));
    }
  }

  private static List<String> withKeepAlive(List<String> arguments) {
    List<String> all = new ArrayList<>(arguments);
    // before any file, and the rest is in the environment
    all.add(1, "--dbname=" + Connections.postgresKeepAlive());
    return all;
  }

  private static Command command(
      PostgresTarget database, List<String> arguments, Duration timeout) {
    List<String> all = new ArrayList<>(arguments);
    if (database.tools() != null) {
      all.set(0, database.tools().resolve(arguments.get(0)).toString());
    }
    return new Command(all, null, Map.of(), timeout);
  }
}
