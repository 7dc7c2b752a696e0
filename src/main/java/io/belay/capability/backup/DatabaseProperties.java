package io.belay.capability.backup;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Copies what a dump lacks from one database to another of the same server and owner: settings
 * (including those of roles in it), grants, comment, connection limit.
 */
final class DatabaseProperties {

  private static final String SETTINGS =
      """
      select nullif(setrole, 0)::regrole::text, split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)
      from pg_db_role_setting s cross join unnest(s.setconfig) with ordinality as u(c, n)
      where setdatabase = (select oid from pg_database where datname = ?)
      order by 1, n
      """;

  private static final String GRANTS =
      """
      select privilege_type, case grantee when 0 then 'public' else grantee::regrole::text end,
        case when is_grantable then 'with grant option' else '' end
      from pg_database cross join aclexplode(coalesce(datacl, acldefault('d', datdba)))
      where datname = ? order by 1, 2, 3
      """;

  private static final String OTHERS =
      """
      select datdba::regrole::text, datconnlimit::text, shobj_description(oid, 'pg_database'),
        pg_encoding_to_char(encoding), datcollate, datctype, dattablespace::text
      from pg_database where datname = ?
      """;

  private final Connection connection;

  /**
   * @param connection with an open transaction, in which the copy is made
   */
  DatabaseProperties(Connection connection) {
    this.connection = connection;
  }

  /** Quotes a name for SQL; JDBC's own method refuses quotes in it. */
  static String quoted(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  /** Copies all; returns whether both then had the same properties. */
  boolean copy(String from, String to) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String target = quoted(to);
      statement.execute("alter database %s reset all".formatted(target));
      for (List<String> setting : rows(SETTINGS, from)) {
        copySetting(statement, setting, target);
      }
      statement.execute("revoke all on database %s from public".formatted(target));
      List<String> others = rows(OTHERS, from).get(0);
      statement.execute("revoke all on database %s from %s".formatted(target, others.get(0)));
      for (List<String> grant : rows(GRANTS, from)) {
        statement.execute(
            "grant %s on database %s to %s %s"
                .formatted(grant.get(0), target, grant.get(1), grant.get(2)));
      }
      statement.execute(
          "comment on database %s is %s"
              .formatted(
                  target,
                  others.get(2) == null ? "null" : statement.enquoteLiteral(others.get(2))));
      statement.execute("alter database %s connection limit %s".formatted(target, others.get(1)));
    }
    return of(from).equals(of(to));
  }

  /**
   * Sets the value in the session and copies it from there, so that the server stores it in its own
   * form; in one statement, since the driver closes the connection when DateStyle changes.
   */
  private static void copySetting(Statement statement, List<String> setting, String target)
      throws SQLException {
    String role = setting.get(0);
    String name = statement.enquoteLiteral(setting.get(1));
    String alter =
        "alter %s set %s from current"
            .formatted(
                role == null
                    ? "database " + target
                    : "role %s in database %s".formatted(role, target),
                Arrays.stream(setting.get(1).split("\\."))
                    .map(DatabaseProperties::quoted)
                    .collect(Collectors.joining(".")));
    String block =
        """
        declare old text := current_setting(%1$s, true);
        begin
          perform set_config(%1$s, %2$s, true);
          execute %3$s;
          perform set_config(%1$s, coalesce(old, ''), true);
        end
        """
            .formatted(
                name, statement.enquoteLiteral(setting.get(2)), statement.enquoteLiteral(alter));
    statement.execute("do " + statement.enquoteLiteral(block));
  }

  private List<List<List<String>>> of(String database) throws SQLException {
    return List.of(rows(SETTINGS, database), rows(GRANTS, database), rows(OTHERS, database));
  }

  private List<List<String>> rows(String sql, String database) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, database);
      try (ResultSet result = statement.executeQuery()) {
        List<List<String>> rows = new ArrayList<>();
        int columns = result.getMetaData().getColumnCount();
        while (result.next()) {
          List<String> row = new ArrayList<>();
          for (int i = 1; i <= columns; i++) {
            row.add(result.getString(i));
          }
          rows.add(row);
        }
        return rows;
      }
    }
  }
}
