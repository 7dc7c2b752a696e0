package io.belay.backup;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Artifact;
import io.belay.target.Environment;
import io.belay.target.PostgresTarget;
import io.belay.target.Zstd;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.Locale;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code takePostgresBackup}: backs up a database as it is at one moment, while it is used.
 *
 * @see RestorePostgresBackup
 */
@Component
public class TakePostgresBackup
    extends StepDelegate<TakePostgresBackup.Input, TakePostgresBackup.Result> {

  /** Name of the target, and how pg_dump writes. */
  public record Input(
      @NotBlank @DefaultValue("database") @TargetName(PostgresTarget.class) String database,
      @NotNull @DefaultValue("CUSTOM") DumpFormat format) {}

  /** Id and size of the artifact, and how long it took. */
  public record Result(String artifact, long bytes, long seconds) {}

  private final PostgresBackup backup;
  private final BackupSpace space;

  TakePostgresBackup(PostgresBackup backup, BackupSpace space) {
    super(Input.class, Result.class);
    this.backup = backup;
    this.space = space;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    PostgresTarget database = context.target(input.database(), PostgresTarget.class);
    long start = System.nanoTime();
    Artifact artifact = backup.take(input.database(), database, input.format(), context);
    long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
    return new Result(artifact.id(), artifact.size(), seconds);
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public Backup backup() {
    return Backup.TAKES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    PostgresTarget database = environment.target(input.database(), PostgresTarget.class);
    return StepPlan.observes(
        input.database(),
        "dumps %s in one snapshot and keeps it compressed".formatted(database.describe()),
        "pg_dump --format=%s --compress=0 --snapshot=… | zstd -%d"
            .formatted(input.format().name().toLowerCase(Locale.ROOT), Zstd.LEVEL),
        "size of the database: " + BackupSpace.readable(space.databaseSize(database)));
  }
}
