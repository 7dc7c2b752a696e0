package io.belay.capability.backup;

import io.belay.target.PostgresTarget;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * What prevents restoring a database in place: something there that the login cannot clear, or more
 * locks than the server has room for.
 *
 * <p>One transaction locks all objects that it drops (tables, indexes, types, constraints, large
 * objects …) and all relations that it creates. The server's lock table has room for {@code
 * max_locks_per_transaction × (max_connections + max_prepared_transactions)} locks of all sessions;
 * a quarter of it is left to other sessions.
 */
@Component
class InPlaceObstacles {

  private static final String OBSTACLES =
      """
      with owned as (
        select 'schema' as kind, quote_ident(nspname) as name, nspowner as owner from pg_namespace
        where nspname !~ '^pg_' and nspname <> 'information_schema'
        union all
        select 'table', format('%%I.%%I', n.nspname, c.relname), relowner
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and %s
        union all
        select 'extension', quote_ident(extname), extowner from pg_extension where oid >= 16384
        union all
        select 'publication', quote_ident(pubname), pubowner from pg_publication
        union all
        select 'foreign data wrapper', quote_ident(fdwname), fdwowner from pg_foreign_data_wrapper w
        where not exists (select from pg_depend d where d.objid = w.oid
          and d.classid = 'pg_foreign_data_wrapper'::regclass and d.deptype = 'e')
        union all
        select 'language', quote_ident(lanname), lanowner from pg_language l
        where oid >= 16384 and not exists (select from pg_depend d where d.objid = l.oid
          and d.classid = 'pg_language'::regclass and d.deptype = 'e')
        union all
        select 'large object', oid::text, lomowner from pg_largeobject_metadata)
      select format('%%s %%s belongs to %%s (make %%I its owner, or use another login)',
        kind, name, owner::regrole, current_user)
      from owned where not pg_has_role(owner, 'USAGE')
      union all
      select distinct format('default privileges of %%s are not the login''s to clear (revoke them, or GRANT %%s TO %%I)',
        defaclrole::regrole, defaclrole::regrole, current_user)
      from pg_default_acl where not pg_has_role(defaclrole, 'USAGE')
      union all
      select format('it may not create schemas in this database (GRANT CREATE ON DATABASE %%I TO %%I)',
        current_database(), current_user)
      where not has_database_privilege(current_database(), 'CREATE')
      union all
      select format('it needs about %%s locks in one transaction, the server has room for %%s (restore side by side, or set max_locks_per_transaction to %%s and restart the server)',
        need, room, ceil(need * 4 / 3.0 / sessions))
      from (select
          (select count(*) from pg_class where oid >= 16384) * 2
          + (select count(*) from pg_type where oid >= 16384)
          + (select count(*) from pg_constraint where oid >= 16384)
          + (select count(*) from pg_attrdef where oid >= 16384)
          + (select count(*) from pg_proc where oid >= 16384)
          + (select count(*) from pg_trigger where oid >= 16384)
          + (select count(*) from pg_rewrite where oid >= 16384)
          + (select count(*) from pg_policy where oid >= 16384)
          + (select count(*) from pg_largeobject_metadata) as need) n
      cross join (select each * sessions as room, sessions
        from (select current_setting('max_locks_per_transaction')::bigint as each,
          current_setting('max_connections')::bigint
          + current_setting('max_prepared_transactions')::bigint as sessions) s) r
      where need > room * 3 / 4
      """
          .formatted(DatabaseContent.OURS);

  private final PostgresTools tools;

  InPlaceObstacles(PostgresTools tools) {
    this.tools = tools;
  }

  /** All obstacles, each with its remedy, for people; empty if there is none. */
  List<String> all(PostgresTarget database) {
    try (Connection connection = tools.connect(database)) {
      return Obstacles.ask(connection, Obstacles.EITHER_WAY, Obstacles.SUPERUSERS, OBSTACLES);
    } catch (SQLException e) {
      throw Obstacles.unreadable(database, e);
    }
  }
}
