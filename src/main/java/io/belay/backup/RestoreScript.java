package io.belay.backup;

import java.util.stream.Collectors;

/**
 * The SQL around a dump's own script that makes its restore exact: what is there now goes, all of
 * it, and the rows are counted before the transaction may commit.
 */
final class RestoreScript {

  /** Bound for getting the locks on all tables; sessions that work hold them only shortly. */
  static final String LOCK_TIMEOUT = "30s";

  /**
   * For the server to build an index with, at least, as its own setting says it in kB. With its
   * default of 64 MB it would sort large tables on disk, and by one process fewer.
   */
  static final int INDEX_KILOBYTES = 256 << 10;

  private static final String OPEN =
      """
      BEGIN;
      SET LOCAL client_min_messages = warning;
      SET LOCAL lock_timeout = '%s';
      SET LOCAL statement_timeout = 0;
      SET LOCAL idle_in_transaction_session_timeout = 0;
      SET LOCAL search_path = pg_catalog;
      DO $belay$ BEGIN
        IF (SELECT setting::bigint FROM pg_settings WHERE name = 'maintenance_work_mem') < %d THEN
          SET LOCAL maintenance_work_mem = %d;
        END IF;
      END $belay$;
      SELECT txid_current();
      """
          .formatted(LOCK_TIMEOUT, INDEX_KILOBYTES, INDEX_KILOBYTES);

  /** All locks first: either the restore gets the database, or it gives up with nothing done. */
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

  /** 16384 is the first object id that initdb does not use. */
  private static final String CLEAR =
      """
      DO $belay$ DECLARE command text; BEGIN
        FOR command IN
          SELECT format('DROP EVENT TRIGGER IF EXISTS %I CASCADE', evtname) FROM pg_event_trigger
          UNION ALL
          SELECT format('DROP PUBLICATION IF EXISTS %I CASCADE', pubname) FROM pg_publication
          UNION ALL
          SELECT format('DROP EXTENSION IF EXISTS %I CASCADE', extname) FROM pg_extension
            WHERE oid >= 16384
        LOOP EXECUTE command; END LOOP;
        FOR command IN
          SELECT format('DROP SCHEMA IF EXISTS %I CASCADE', nspname) FROM pg_namespace
            WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
          UNION ALL
          SELECT format('DROP FOREIGN DATA WRAPPER IF EXISTS %I CASCADE', fdwname)
            FROM pg_foreign_data_wrapper
          UNION ALL
          SELECT format('DROP LANGUAGE IF EXISTS %I CASCADE', lanname) FROM pg_language
            WHERE oid >= 16384
          UNION ALL
          SELECT format('SELECT lo_unlink(%s)', oid) FROM pg_largeobject_metadata
        LOOP EXECUTE command; END LOOP;
      END $belay$;
      """;

  /**
   * As initdb makes it: a dump never creates the schema public, it only says how it differs. Before
   * version 15 it belonged to the first superuser and everybody could create in it.
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

  /** Takes away all that is in the database. */
  static String clear(boolean publicSchema) {
    return LOCK + CLEAR + (publicSchema ? PUBLIC : "");
  }

  /** Fails the transaction unless exactly the recorded tables with their rows are there. */
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
    return """
           SET LOCAL row_security = off;
           SET LOCAL search_path = pg_catalog;
           SET LOCAL standard_conforming_strings = on;
           DO $belay$ DECLARE r record; found bigint; BEGIN
             SELECT count(*) INTO found FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relkind = 'r' AND %s;
             IF found <> %d THEN
               RAISE EXCEPTION '%% tables after the restore, the backup has %d', found;
             END IF;
             %s
           END $belay$;
           """
        .formatted(DatabaseContent.OURS, content.tables().size(), content.tables().size(), rows);
  }
}
