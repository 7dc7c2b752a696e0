package io.belay.target;

import io.belay.target.CommandSessions.Opened;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * One session that may belong to a command, as the server sees it now.
 *
 * @param started when it was opened; together with the pid it identifies the session
 * @param address of its client; null for a Unix socket
 * @param marked whether its application name is the mark
 * @param waits whether the server is waiting for the client to send something
 * @param sameLogin whether it belongs to the target's login
 * @param ownAddress of this very connection, as the server sees it
 */
record CommandSession(
    int pid,
    String started,
    String user,
    String name,
    String address,
    int port,
    boolean marked,
    boolean waits,
    boolean sameLogin,
    String ownAddress,
    int ownPort,
    String query) {

  private static final int LONGEST_QUERY = 200;

  /**
   * Without parallel workers, unless marked: they end with the session that they work for. Without
   * a mark only sessions of the target's login count, and those from this machine's address.
   */
  private static final String ALL =
      """
      SELECT pid, backend_start, usename, application_name, host(client_addr),
        coalesce(client_port, -1), marked, coalesce(wait_event = 'ClientRead', false),
        usename = session_user, host(inet_client_addr()), coalesce(inet_client_port(), -1), query
      FROM (SELECT *, application_name = ? AS marked
            FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()) a
      WHERE marked OR backend_type = 'client backend' AND backend_start >= ?::timestamptz
        AND (client_addr = inet_client_addr()
          OR usename = session_user AND NOT starts_with(application_name, 'belay'))
      ORDER BY backend_start
      """;

  static List<CommandSession> all(Connection connection, Opened opened) throws SQLException {
    try (PreparedStatement ask = connection.prepareStatement(ALL)) {
      ask.setString(1, opened.mark());
      ask.setString(2, opened.since());
      List<CommandSession> all = new ArrayList<>();
      try (ResultSet row = ask.executeQuery()) {
        while (row.next()) {
          all.add(
              new CommandSession(
                  row.getInt(1),
                  row.getString(2),
                  row.getString(3),
                  row.getString(4),
                  row.getString(5),
                  row.getInt(6),
                  row.getBoolean(7),
                  row.getBoolean(8),
                  row.getBoolean(9),
                  row.getString(10),
                  row.getInt(11),
                  row.getString(12)));
        }
      }
      return all;
    }
  }

  String id() {
    return pid + " " + started;
  }

  /**
   * Whether its client is alive, so that it cannot belong to a command whose processes are gone.
   */
  boolean isOthers(LocalSockets here) {
    return !marked && (waits || isFromHere(here) && here.holds(address, port));
  }

  /** Whether it is safe to end: it has the mark, or its client was on this machine and is dead. */
  boolean isTheCommands(LocalSockets here) {
    return marked || sameLogin && isFromHere(here) && !here.holds(address, port);
  }

  /** Whether its client is on this machine; false behind a proxy, pooler or address translation. */
  private boolean isFromHere(LocalSockets here) {
    return address != null && address.equals(ownAddress) && here.holds(ownAddress, ownPort);
  }

  /** The session and what to do about it, for people. */
  String describe(String why) {
    return "session %d of user %s (application '%s', %s, since %s) %s: %s%s"
        .formatted(
            pid,
            user,
            name,
            address == null ? "from the server's own machine" : "from " + address + ":" + port,
            started,
            waits ? "has last run" : "runs",
            shortened(query),
            why.isEmpty()
                ? ""
                : "; %s. Wait until it has ended, or have it ended by its owner or a superuser (SELECT pg_terminate_backend(%d)), then retry"
                    .formatted(why, pid));
  }

  /** A statement on one line, without passwords. */
  static String shortened(String query) {
    String line =
        query.strip().replaceAll("\\s+", " ").replaceAll("(?i)(password )'[^']*'", "$1'***'");
    return line.length() <= LONGEST_QUERY ? line : line.substring(0, LONGEST_QUERY - 3) + "...";
  }
}
