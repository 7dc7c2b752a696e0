package io.belay.capability.backup;

import java.util.stream.Collectors;

/**
 * The SQL around a dump's own script that makes its restore exact: all that is there now is
 * dropped, and the rows are counted before the transaction may commit.
 */
final class RestoreScript {

  /** Time limit for locking all tables; working sessions hold their locks only briefly. */
  static final String LOCK_TIMEOUT = "30s";

  /**
   * The least memory for building an index, in kB like the server's setting. With the default of 64
   * MB the server would sort large tables on disk, with one process fewer.
   */
  static final int INDEX_KILOBYTES = 256 << 10;

  private static final String OPEN =
      """
      BEGIN READ WRITE;
      SET LOCAL client_min_messages = warning;
      SET LOCAL lock_timeout = '%s';
      SET LOCAL statement_timeout = 0;
      SET LOCAL idle_in_transaction_session_timeout = 0;
      SET LOCAL search_path = pg_catalog;
      SET LOCAL quote_all_identifiers = off;
      DO $belay$ BEGIN
        IF (SELECT setting::bigint FROM pg_settings WHERE name = 'maintenance_work_mem') < %d THEN
          SET LOCAL maintenance_work_mem = %d;
        END IF;
      END $belay$;
      SELECT txid_current();
      """
          .formatted(LOCK_TIMEOUT, INDEX_KILOBYTES, INDEX_KILOBYTES);

  /**
   * Takes all locks first: either the restore gets the database, or it gives up without an effect.
   */
  private static final String LOCK =
      """
      DO $belay$ DECLARE t text; BEGIN
        FOR t IN SELECT format('%%I.%%I', n.nspname, c.relname)
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND %s ORDER BY c.oid
        LOOP EXECUTE 'LOCK TABLE ' || t || ' IN ACCESS EXCLUSIVE MODE'; END LOOP;
      END $belay$;
      """
          .formatted(DatabaseContent.OURS);

  /**
   * Drops all that initdb did not create; 16384 is the first object id that it does not use. Event
   * triggers are dropped first, since they would fire; extensions before schemas, since their
   * objects cannot be dropped alone. The server's own catalogs list what is in no schema, whatever
   * kinds its version has; dependent objects are dropped along.
   */
  private static final String CLEAR =
      """
      DO $belay$ DECLARE command text; catalog text; BEGIN
        FOR command IN
          SELECT format('DROP EVENT TRIGGER %I', evtname) FROM pg_event_trigger
        LOOP EXECUTE command; END LOOP;
        FOR command IN
          SELECT format('DROP EXTENSION IF EXISTS %I CASCADE', extname) FROM pg_extension
            WHERE oid >= 16384
        LOOP EXECUTE command; END LOOP;
        FOR command IN
          SELECT format('DROP SCHEMA IF EXISTS %I CASCADE', nspname) FROM pg_namespace
            WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
          UNION ALL
          SELECT format('SELECT lo_unlink(%s)', oid) FROM pg_largeobject_metadata
        LOOP EXECUTE command; END LOOP;
        FOR catalog IN
          SELECT c.oid::regclass FROM pg_class c
          WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' AND NOT relisshared
            AND oid <> 'pg_namespace'::regclass AND has_table_privilege(oid, 'SELECT')
            AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'oid')
            AND NOT EXISTS (SELECT FROM pg_attribute
              WHERE attrelid = c.oid AND attname ~ 'namespace$')
        LOOP
          FOR command IN EXECUTE format($catalog$
            SELECT format('DROP %%s IF EXISTS %%s CASCADE', replace(type, '-', ' '),
              CASE type WHEN 'transform' THEN replace(identity, ' on ', ' ') ELSE identity END)
            FROM %1$s o CROSS JOIN LATERAL pg_identify_object(%1$L::regclass, o.oid, 0)
            WHERE o.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend
              WHERE classid = %1$L::regclass AND objid = o.oid AND refobjid >= 16384)
            $catalog$, catalog)
          LOOP EXECUTE command; END LOOP;
        END LOOP;
      END $belay$;
      """;

  /**
   * Resets default privileges that belong to no schema; the server deletes entries equal to its
   * own.
   */
  private static final String CLEAR_DEFAULT_PRIVILEGES =
      """
      DO $belay$ DECLARE command text; BEGIN
        FOR command IN
          SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %s %s ON %s %s %s', defaclrole::regrole,
            change, CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES'
              WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS'
              ELSE 'LARGE OBJECTS' END,
            direction, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END)
          FROM pg_default_acl d CROSS JOIN LATERAL (
            SELECT DISTINCT 1 AS n, 'REVOKE ALL' AS change, 'FROM' AS direction, grantee
            FROM aclexplode(defaclacl)
            UNION ALL
            SELECT 2, 'GRANT ' || privilege_type, 'TO', grantee
            FROM aclexplode(acldefault(
              CASE defaclobjtype WHEN 'S' THEN 's' ELSE defaclobjtype END, defaclrole))) acl
          WHERE defaclnamespace = 0 ORDER BY d.oid, n
        LOOP EXECUTE command; END LOOP;
      END $belay$;
      """;

  /**
   * The schema public as initdb creates it: a dump never creates it, but only says how it differs.
   * Before version 15 it belonged to the first superuser and everybody could create objects in it.
   */
  private static final String PUBLIC =
      """
      CREATE SCHEMA public;
      DO $belay$ BEGIN
        IF current_setting('server_version_num')::int >= 150000 THEN
          GRANT USAGE ON SCHEMA public TO PUBLIC;
          ALTER SCHEMA public OWNER TO pg_database_owner;
        ELSE
          GRANT ALL ON SCHEMA public TO PUBLIC;
          EXECUTE format('ALTER SCHEMA public OWNER TO %I', pg_get_userbyid(10));
        END IF;
      END $belay$;
      COMMENT ON SCHEMA public IS 'standard public schema';
      """;

  private RestoreScript() {}

  /** Begins the transaction and prints its id. */
  static String open() {
    return OPEN;
  }

  /** Drops all that is in the database. */
  static String clear(boolean publicSchema) {
    return LOCK + CLEAR + CLEAR_DEFAULT_PRIVILEGES + (publicSchema ? PUBLIC : "");
  }

  /**
   * Fails the transaction unless exactly the recorded tables with their rows and rights are there.
   */
  static String check(DatabaseContent content) {
    String expected =
        content.tables().entrySet().stream()
            .map(e -> "('%s', %d::bigint)".formatted(e.getKey().replace("'", "''"), e.getValue()))
            .collect(Collectors.joining(",\n", "(VALUES\n", ") AS backup(t, n)"));
    String rows =
        content.tables().isEmpty()
            ? ""
            : """
              FOR r IN SELECT * FROM %s LOOP
                EXECUTE 'SELECT count(*) FROM ONLY ' || r.t INTO found;
                IF found <> r.n THEN
                  RAISE EXCEPTION 'table %% has %% rows after the restore, the backup has %%', r.t, found, r.n;
                END IF;
              END LOOP;
              """
                .formatted(expected);
    String rights =
        content.rights().equals(DatabaseContent.UNKNOWN)
            ? ""
            : """
              IF (%s) <> '%s' THEN
                RAISE EXCEPTION 'owners, grants or default privileges after the restore are not those of the backup';
              END IF;
              """
                .formatted(DatabaseContent.RIGHTS_HASH, content.rights());
    return """
           SET LOCAL row_security = off;
           SET LOCAL search_path = pg_catalog;
           SET LOCAL standard_conforming_strings = on;
           SET LOCAL quote_all_identifiers = off;
           DO $belay$ DECLARE r record; found bigint; BEGIN
             SELECT count(*) INTO found FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relkind = 'r' AND %s;
             IF found <> %d THEN
               RAISE EXCEPTION '%% tables after the restore, the backup has %d', found;
             END IF;
             %s
             %s
           END $belay$;
           """
        .formatted(
            DatabaseContent.OURS, content.tables().size(), content.tables().size(), rows, rights);
  }
}
