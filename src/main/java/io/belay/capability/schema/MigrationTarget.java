package io.belay.capability.schema;

import io.belay.target.Command;
import io.belay.target.Described;
import io.belay.target.ProtectedKind;
import io.belay.target.Secret;
import io.belay.target.Target;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the schema of a database is migrated ({@code type: migration}) and what must hold after it.
 */
@Described("How the schema of a database is migrated and what must hold after it.")
@ProtectedKind
public record MigrationTarget(
    @Described("name of the PostgreSQL target that is migrated") @NotBlank @DefaultValue("database")
        String database,
    @Described("the built-in Liquibase, or commands") @NotNull @DefaultValue("liquibase") Tool tool,
    @Described("Liquibase changelog file (a path, or `classpath:…`)") String changelog,
    @Described(
            "migration command for `tool: command`, for example `npx prisma migrate deploy`; receives `DATABASE_URL`, `PGHOST`, `PGPORT`, `PGDATABASE`, `PGUSER` and `PGPASSFILE` in its environment, and in `PGOPTIONS` a `lock_timeout` of 5 s, which a `PGOPTIONS` of its own may change")
        @Valid
        Command apply,
    @Described("command that takes it back; same environment") @Valid Command revert,
    @Described("command that prints what would be done, with no effect; may be absent") @Valid
        Command preview,
    @Described("tables that must exist afterwards") @DefaultValue List<String> expectedTables,
    @Described("indexes that must exist afterwards") @DefaultValue List<String> expectedIndexes,
    @Described("columns (`table.column`) that must be of type jsonb afterwards") @DefaultValue
        List<String> expectedJsonb,
    @Described(
            "tables whose content must be the same before and after, column by column as far as the columns existed before; empty means all")
        @DefaultValue
        List<String> hashedTables,
    @Described("queries that must succeed and return at least one row afterwards") @DefaultValue
        List<String> testQueries,
    @Described(
            "changes that the migration is meant to make to what existed, each as its finding begins: `column users.department`, `view active_users`, `users: constraint users_email_key`, `content of users`")
        @DefaultValue
        List<String> acceptedChanges,
    @Described(
            "tables that count as absent, before and after: not compared, not counted; the version tables of Liquibase, Flyway, Prisma, knex, TypeORM, golang-migrate, Rails, Alembic, Django and Sequelize need not be named")
        @DefaultValue
        List<String> ignoredTables)
    implements Target {

  /** What changes the schema. */
  public enum Tool {
    LIQUIBASE,
    COMMAND
  }

  /**
   * Excludes the commands, which may be corrected during a run; what they are applied to may not
   * change.
   */
  @Override
  public Optional<String> address() {
    return Optional.of("migration of target '%s'".formatted(database));
  }

  @Override
  public List<String> alsoChanged() {
    return List.of(database);
  }

  @Override
  public boolean isInstruction() {
    return true;
  }

  /** Liquibase reads a changelog and its includes from one directory, which it cannot leave. */
  @Override
  public List<Path> reads() {
    return tool != Tool.LIQUIBASE || changelog == null || changelog.startsWith("classpath:")
        ? List.of()
        : List.of(Path.of(changelog).toAbsolutePath().getParent());
  }

  @Override
  public String describe() {
    return tool == Tool.LIQUIBASE
        ? "Liquibase changelog %s on %s".formatted(changelog, database)
        : "command %s on %s".formatted(apply, database);
  }

  @Override
  public List<Secret> secrets() {
    return Command.secrets(apply, revert, preview).toList();
  }
}
