package io.belay.capability.backup;

import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * What prevents restoring a database side by side: a right that the login lacks, what would be lost
 * with the old database, what would keep it from being replaced. If in doubt, too strict.
 */
@Component
class BesideObstacles {

  private static final String NO_SUCH_DATABASE = "3D000";

  private static final String OBSTACLES =
      """
      with d as (select * from pg_database where datname = current_database()),
        me as (select * from pg_roles where rolname = current_user)
      select format('the login may not create databases (ALTER ROLE %I CREATEDB)', rolname)
      from me where not rolcreatedb and not rolsuper
      union all
      select format('the database belongs to %s (ALTER DATABASE %I OWNER TO %I)',
        datdba::regrole, datname, rolname)
      from d cross join me where not pg_has_role(datdba, 'USAGE')
      union all
      select 'its database is ' || datname || ', from which others are renamed (move to another)'
      from d where datname = 'postgres'
      union all
      select format('its database is a template (ALTER DATABASE %I IS_TEMPLATE false)', datname)
      from d where datistemplate
      union all
      select format('before PostgreSQL 15 the schema public is the superuser''s to change; %s (use a superuser''s login)',
        case when n.oid is null then 'it is missing' else 'owner or rights are not the server''s own' end)
      from me left join pg_namespace n on nspname = 'public'
      left join pg_init_privs i on i.objoid = n.oid and i.classoid = 'pg_namespace'::regclass
      where current_setting('server_version_num')::int < 150000 and not rolsuper
        and (n.oid is null or nspowner <> 10
          or array(select a::text from unnest(nspacl) a order by 1)
            <> array(select a::text from unnest(i.initprivs) a order by 1))
      union all
      select format('the login may not create tables in tablespace %I (GRANT CREATE ON TABLESPACE %I TO %I)',
        spcname, spcname, rolname)
      from d join pg_tablespace t on t.oid = dattablespace cross join me
      where spcname <> 'pg_default' and not has_tablespace_privilege(t.oid, 'CREATE')
      union all
      select format('replication slot %I depends on it (drop the slot, or restore in place)', slot_name)
      from pg_replication_slots where database = current_database()
      union all
      select format('the setting %s of %s there is not the login''s to make (reset it, or restore in place)',
        split_part(c, '=', 1),
        case setrole when 0 then 'the database' else setrole::regrole::text end)
      from pg_db_role_setting join d on setdatabase = d.oid cross join unnest(setconfig) c
      left join pg_settings s on s.name = split_part(c, '=', 1) cross join me
      where split_part(c, '=', 1) in ('role', 'session_authorization')
        or coalesce(s.context, 'superuser') <> 'user'
          and not (rolsuper and coalesce(s.context, 'superuser') = 'superuser')
        or setrole not in (0, me.oid) and not rolsuper
      union all
      select format('%s was granted rights on it by %s, not by the owner (let the owner grant them)',
        case grantee when 0 then 'PUBLIC' else grantee::regrole::text end, grantor::regrole)
      from d cross join aclexplode(datacl) where grantor <> datdba
      union all
      select 'it has a security label (restore in place)' from pg_shseclabel join d on objoid = d.oid
      where classoid = 'pg_database'::regclass
      union all
      select format('the login may not end the session of %s (%s) (end it, or GRANT pg_signal_backend TO %I)',
        usename, backend_type, me.rolname)
      from pg_stat_activity a join pg_roles r on r.oid = usesysid cross join me
      where datname = current_database() and pid <> pg_backend_pid() and not me.rolsuper
        and (r.rolsuper
          or not pg_has_role(usesysid, 'USAGE') and not pg_has_role('pg_signal_backend', 'USAGE'))
      """;

  private final PostgresTools tools;

  BesideObstacles(PostgresTools tools) {
    this.tools = tools;
  }

  /** All obstacles, each with its remedy, for people; empty if there is none. */
  List<String> all(PostgresTarget database) {
    try (Connection connection = tools.connect(database)) {
      List<String> obstacles = Obstacles.ask(connection, Obstacles.EITHER_WAY, OBSTACLES);
      if (obstacles.isEmpty()) {
        unreachable(database).ifPresent(obstacles::add);
      }
      return obstacles;
    } catch (SQLException e) {
      throw Obstacles.unreadable(database, e);
    }
  }

  /**
   * What prevents connections to the database from which the names are swapped, or to one with a
   * new name.
   */
  private Optional<String> unreachable(PostgresTarget database) {
    for (String name : List.of(DatabaseSwap.ELSEWHERE, DatabaseSwap.RESTORED + "probe")) {
      try {
        tools.connect(database.withDatabase(name)).close();
      } catch (SQLException | TargetException e) {
        if (!(e.getCause() instanceof SQLException refusal)
            || !NO_SUCH_DATABASE.equals(refusal.getSQLState())) {
          return Optional.of(
              "the login cannot connect to databases postgres and belay_…: %s (allow it in pg_hba.conf)"
                  .formatted(e.getMessage()));
        }
      }
    }
    return Optional.empty();
  }
}
