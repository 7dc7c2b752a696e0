package io.belay.capability.backup;

import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks the server what keeps a login from restoring a database: each answer is a sentence with its
 * remedy in parentheses.
 */
final class Obstacles {

  /** Listing more would not help. */
  private static final int MOST = 5;

  /** Obstacles to a restore of either way. */
  static final String EITHER_WAY =
      """
      with me as (select * from pg_roles where rolname = current_user)
      select format('it has the subscription %I, whose position no dump holds (drop it, and create it anew after the run)', subname)
      from pg_subscription s join pg_database d on d.oid = subdbid
      where datname = current_database()
      union all
      select format('transaction %L is prepared there (commit it or roll it back)', gid)
      from pg_prepared_xacts where database = current_database()
      union all
      select format('sessions of %I are read-only (ALTER ROLE %I RESET default_transaction_read_only)',
        rolname, rolname)
      from me where 'default_transaction_read_only=on' = any(rolconfig)
      """;

  /** Objects that only a superuser can create, and extensions that the server lacks. */
  static final String SUPERUSERS =
      """
      with me as (select * from pg_roles where rolname = current_user)
      select format('only a superuser may create the extension %I %s (use the login of one, or drop the extension)',
        extname, extversion)
      from pg_extension x cross join me
      join pg_available_extensions a on a.name = x.extname
      join pg_available_extension_versions v on v.name = a.name and v.version = a.default_version
      where x.oid >= 16384 and not rolsuper and v.superuser
        and not coalesce((to_jsonb(v)->>'trusted')::boolean, false)
      union all
      select format('the server has no files of the extension %I any more (install them, or drop the extension)',
        extname)
      from pg_extension where oid >= 16384 and extname not in (select name from pg_available_extensions)
      union all
      select format('only a superuser may create or drop the %s %s (use the login of one, or drop it)', i.type, i.identity)
      from me cross join (
        select 'pg_am'::regclass as catalog, oid from pg_am
        union all select 'pg_cast'::regclass, oid from pg_cast
        union all select 'pg_ts_parser'::regclass, oid from pg_ts_parser
        union all select 'pg_ts_template'::regclass, oid from pg_ts_template
        union all select 'pg_event_trigger'::regclass, oid from pg_event_trigger) o
      cross join lateral pg_identify_object(o.catalog, o.oid, 0) i
      where o.oid >= 16384 and not rolsuper and not exists (select from pg_depend d
        where d.classid = o.catalog and d.objid = o.oid
          and (d.deptype = 'e' or d.refclassid = 'pg_type'::regclass and d.refobjid >= 16384))
      """;

  private Obstacles() {}

  /** The first columns of all rows that the queries return. */
  static List<String> ask(Connection connection, String... questions) throws SQLException {
    List<String> obstacles = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      for (String question : questions) {
        try (ResultSet rows = statement.executeQuery(question)) {
          while (rows.next() && obstacles.size() < MOST) {
            obstacles.add(rows.getString(1));
          }
        }
      }
    }
    return obstacles;
  }

  static TargetException unreadable(PostgresTarget database, SQLException e) {
    return new TargetException(
        "what a restore of %s needs cannot be read: %s. Nothing was changed; retry when it answers"
            .formatted(database.describe(), e.getMessage()),
        e);
  }
}
