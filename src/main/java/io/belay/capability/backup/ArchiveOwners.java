package io.belay.capability.backup;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Compares the owners in a backup's table of contents with the login's roles: a restore gives each
 * object to its owner, which only a member of that role can do. pg_dump names the owner of every
 * object that has one.
 */
final class ArchiveOwners {

  private static final Pattern ENTRY = Pattern.compile("^\\d+; \\d+ \\d+ (.+)$", Pattern.DOTALL);

  /**
   * The schema public. Before version 15 every database has it, owned by the superuser: a restore
   * need not create it.
   */
  private static final Pattern PUBLIC = Pattern.compile("^(SCHEMA - |ACL - SCHEMA )public .*");

  private static final int PUBLIC_IS_THE_OWNERS = 15;

  private static final String ROLES =
      """
      select rolname, pg_has_role(oid,
        case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end)
      from pg_roles
      """;

  private ArchiveOwners() {}

  /**
   * @param contents lines of {@code pg_restore --list}
   * @param connection of the login that will restore
   * @return for each role of which the login is no member its first object, with the remedy; for
   *     people
   */
  static List<String> obstacles(List<String> contents, Connection connection) throws SQLException {
    Map<String, Boolean> mayBe = roles(connection);
    String login = connection.getMetaData().getUserName();
    boolean publicIsGiven =
        connection.getMetaData().getDatabaseMajorVersion() < PUBLIC_IS_THE_OWNERS;
    Map<String, String> first = new LinkedHashMap<>();
    for (String line : contents) {
      Matcher entry = ENTRY.matcher(line);
      if (entry.matches() && !(publicIsGiven && PUBLIC.matcher(entry.group(1)).matches())) {
        owner(entry.group(1), mayBe)
            .filter(owner -> !mayBe.get(owner))
            .ifPresent(owner -> first.putIfAbsent(owner, entry.group(1)));
      }
    }
    List<String> obstacles = new ArrayList<>();
    first.forEach(
        (owner, entry) ->
            obstacles.add(
                "%s belongs to %s (make %s the owner of what %s owns there, or use another login)"
                    .formatted(
                        entry.substring(0, entry.length() - owner.length()).strip(),
                        owner,
                        login,
                        owner)));
    return obstacles;
  }

  private static Map<String, Boolean> roles(Connection connection) throws SQLException {
    Map<String, Boolean> roles = new LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(ROLES)) {
      while (rows.next()) {
        roles.put(rows.getString(1), rows.getBoolean(2));
      }
    }
    return roles;
  }

  /**
   * The owner comes last, or is missing if the object has none; a role's name may contain blanks.
   */
  private static Optional<String> owner(String entry, Map<String, Boolean> roles) {
    return roles.keySet().stream()
        .filter(role -> entry.endsWith(" " + role))
        .max(Comparator.comparingInt(String::length));
  }
}
