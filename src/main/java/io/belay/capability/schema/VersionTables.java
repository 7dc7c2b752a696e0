package io.belay.capability.schema;

import java.util.Collection;
import java.util.Map;
import java.util.Set;

/**
 * The tables in which migration tools note what they have applied. Their rows change with every
 * attempted migration, so no fingerprint contains them. A table is one if it has the name, in
 * whatever schema, and only columns which the tool gives it: another table that happens to be
 * called {@code migrations} is data.
 */
final class VersionTables {

  private static final Map<String, Set<String>> COLUMNS =
      Map.ofEntries(
          Map.entry( // Liquibase
              "databasechangelog",
              Set.of(
                  "id",
                  "author",
                  "filename",
                  "dateexecuted",
                  "orderexecuted",
                  "exectype",
                  "md5sum",
                  "description",
                  "comments",
                  "tag",
                  "liquibase",
                  "contexts",
                  "labels",
                  "deployment_id")),
          Map.entry("databasechangeloglock", Set.of("id", "locked", "lockgranted", "lockedby")),
          Map.entry( // Flyway
              "flyway_schema_history",
              Set.of(
                  "installed_rank",
                  "version",
                  "description",
                  "type",
                  "script",
                  "checksum",
                  "installed_by",
                  "installed_on",
                  "execution_time",
                  "success")),
          Map.entry( // Prisma
              "_prisma_migrations",
              Set.of(
                  "id",
                  "checksum",
                  "finished_at",
                  "migration_name",
                  "logs",
                  "rolled_back_at",
                  "started_at",
                  "applied_steps_count")),
          Map.entry("knex_migrations", Set.of("id", "name", "batch", "migration_time")),
          Map.entry("knex_migrations_lock", Set.of("index", "is_locked")),
          Map.entry("migrations", Set.of("id", "timestamp", "name")), // TypeORM
          Map.entry( // TypeORM
              "typeorm_metadata", Set.of("type", "database", "schema", "table", "name", "value")),
          Map.entry("schema_migrations", Set.of("version", "dirty")), // golang-migrate, Rails
          Map.entry( // Rails
              "ar_internal_metadata", Set.of("key", "value", "created_at", "updated_at")),
          Map.entry("alembic_version", Set.of("version_num")),
          Map.entry("django_migrations", Set.of("id", "app", "name", "applied")),
          Map.entry("SequelizeMeta", Set.of("name")));

  private VersionTables() {}

  /** Whether a table of that name (without its schema) is a tool's own. */
  static boolean contain(String name, Collection<String> columns) {
    return COLUMNS.containsKey(name)
        && !columns.isEmpty()
        && COLUMNS.get(name).containsAll(columns);
  }
}
