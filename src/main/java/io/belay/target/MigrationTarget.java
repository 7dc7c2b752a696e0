package io.belay.target;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the schema of a database is migrated ({@code type: migration}) and what must hold after it.
 *
 * @param database name of the PostgreSQL target that is migrated
 * @param tool the built-in Liquibase, or commands
 * @param changelog Liquibase changelog file (a path, or {@code classpath:…})
 * @param apply migration command for {@link Tool#COMMAND}, for example {@code npx prisma migrate
 *     deploy}; receives {@code DATABASE_URL}, {@code PGHOST}, {@code PGPORT}, {@code PGDATABASE},
 *     {@code PGUSER} and {@code PGPASSFILE} in its environment, and in {@code PGOPTIONS} a {@code
 *     lock_timeout} of 5 s, which a {@code PGOPTIONS} of its own may change
 * @param revert command that takes it back; same environment
 * @param preview command that prints what would be done, with no effect; may be absent
 * @param expectedTables tables that must exist afterwards
 * @param expectedIndexes indexes that must exist afterwards
 * @param expectedJsonb columns ({@code table.column}) that must be of type jsonb afterwards
 * @param hashedTables tables whose content must be the same before and after, column by column as
 *     far as the columns existed before; empty means all
 * @param testQueries queries that must succeed and return at least one row afterwards
 */
public record MigrationTarget(
    @NotBlank @DefaultValue("database") String database,
    @NotNull @DefaultValue("liquibase") Tool tool,
    String changelog,
    @Valid Command apply,
    @Valid Command revert,
    @Valid Command preview,
    @DefaultValue List<String> expectedTables,
    @DefaultValue List<String> expectedIndexes,
    @DefaultValue List<String> expectedJsonb,
    @DefaultValue List<String> hashedTables,
    @DefaultValue List<String> testQueries)
    implements Target {

  /** Who changes the schema. */
  public enum Tool {
    LIQUIBASE,
    COMMAND
  }

  /** Its commands may be corrected during a run; what they are applied to may not change. */
  @Override
  public Optional<String> address() {
    return Optional.of("migration of target '%s'".formatted(database));
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
