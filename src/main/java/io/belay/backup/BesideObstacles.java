package io.belay.backup;

import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * What forbids to restore a database beside: a right that the login lacks, what would be lost with
 * the old database, what would keep it from being replaced. Rather too strict than not.
 */
@Component
class BesideObstacles {

  /** From here on the schema {@code public} belongs to the database's owner. */
  private static final int SINCE = 15;

  private static final String OBSTACLES =
      """
      with d as (select * from pg_database where datname = current_database()),
        me as (select * from pg_roles where rolname = current_user)
      select 'the login may not create databases' from me where not rolcreatedb and not rolsuper
      union all
      select format('the database belongs to %I', pg_get_userbyid(datdba)) from d
      where not pg_has_role(datdba, 'USAGE')
      union all
      select 'its database is ' || datname || ', from which others are renamed' from d
      where datname = 'postgres'
      union all
      select 'its database is a template' from d where datistemplate
      union all
      select 'its locale does not come from the C library' from d where datlocprovider <> 'c'
      union all
      select format('the login may not create tables in tablespace %I', spcname)
      from d join pg_tablespace t on t.oid = dattablespace
      where spcname <> 'pg_default' and not has_tablespace_privilege(t.oid, 'CREATE')
      union all
      select format('replication slot %I depends on it', slot_name) from pg_replication_slots
      where database = current_database()
      union all
      select format('it has the subscription %I', subname)
      from pg_subscription join d on subdbid = d.oid
      union all
      select format('transaction %L is prepared there', gid) from pg_prepared_xacts
      where database = current_database()
      union all
      select format('the setting %s of %s there is not the login''s to make', split_part(c, '=', 1),
        case setrole when 0 then 'the database' else setrole::regrole::text end)
      from pg_db_role_setting join d on setdatabase = d.oid cross join unnest(setconfig) c
      left join pg_settings s on s.name = split_part(c, '=', 1) cross join me
      where split_part(c, '=', 1) in ('role', 'session_authorization')
        or coalesce(s.context, 'superuser') <> 'user'
          and not (rolsuper and coalesce(s.context, 'superuser') = 'superuser')
        or setrole not in (0, me.oid) and not rolsuper
      union all
      select format('%s was granted rights on it by %s, not by the owner', grantee, grantor::regrole)
      from d cross join aclexplode(datacl) where grantor <> datdba
      union all
      select 'it has a security label' from pg_shseclabel join d on objoid = d.oid
      where classoid = 'pg_database'::regclass
      union all
      select format('the login may not end the session of %s (%s)', usename, backend_type)
      from pg_stat_activity a join pg_roles r on r.oid = usesysid cross join me
      where datname = current_database() and pid <> pg_backend_pid() and not me.rolsuper
        and (r.rolsuper
          or not pg_has_role(usesysid, 'USAGE') and not pg_has_role('pg_signal_backend', 'USAGE'))
      limit 1
      """;

  private final PostgresTools tools;

  BesideObstacles(PostgresTools tools) {
    this.tools = tools;
  }

  /** For people; empty when there is none. */
  Optional<String> first(PostgresTarget database) {
    try (Connection connection = tools.connect(database);
        Statement statement = connection.createStatement()) {
      int version = connection.getMetaData().getDatabaseMajorVersion();
      if (version < SINCE) {
        return Optional.of("the server is PostgreSQL %d, older than %d".formatted(version, SINCE));
      }
      try (ResultSet rows = statement.executeQuery(OBSTACLES)) {
        if (rows.next()) {
          return Optional.of(rows.getString(1));
        }
      }
    } catch (SQLException e) {
      throw new TargetException(
          "the rights of the login at %s cannot be read: %s"
              .formatted(database.describe(), e.getMessage()),
          e);
    }
    try {
      tools.connect(database.withDatabase(DatabaseSwap.ELSEWHERE)).close();
      return Optional.empty();
    } catch (SQLException | TargetException e) {
      return Optional.of(e.getMessage());
    }
  }
}
