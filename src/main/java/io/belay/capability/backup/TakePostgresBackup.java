package io.belay.capability.backup;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.belay.artifact.Artifact;
import io.belay.artifact.Zstd;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import io.belay.target.FormerName;
import io.belay.target.PostgresTarget;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code takePostgresBackup}: backs up databases one after the other, each as of one moment, while
 * it is in use. When repeated after a crash, keeps existing backups.
 *
 * @see RestorePostgresBackup
 */
@Component
public class TakePostgresBackup
    extends StepDelegate<TakePostgresBackup.Input, TakePostgresBackup.Result> {

  /** Names of the targets (none to back up nothing), and how pg_dump writes. */
  public record Input(
      @FormerName("database")
          @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @DefaultValue
          @TargetName(PostgresTarget.class)
          List<String> databases,
      @NotNull @DefaultValue("CUSTOM") DumpFormat format) {}

  /**
   * @param artifacts their ids, for people
   * @param bytes of all artifacts
   */
  public record Result(@FormerName("artifact") String artifacts, long bytes, long seconds) {}

  private final PostgresBackup backup;
  private final BackupSpace space;

  TakePostgresBackup(PostgresBackup backup, BackupSpace space) {
    super(Input.class, Result.class);
    this.backup = backup;
    this.space = space;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    long start = System.nanoTime();
    List<Artifact> taken = new ArrayList<>();
    for (String name : input.databases()) {
      PostgresTarget database = context.target(name, PostgresTarget.class);
      taken.add(backup.take(name, database, input.format(), context));
    }
    long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
    return new Result(FinishedBackup.ids(taken), FinishedBackup.bytes(taken), seconds);
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
    List<String> details = new ArrayList<>();
    details.add(
        "pg_dump --format=%s --compress=0 --snapshot=… | zstd -%d"
            .formatted(input.format().name().toLowerCase(Locale.ROOT), Zstd.LEVEL));
    for (String name : input.databases()) {
      PostgresTarget database = environment.target(name, PostgresTarget.class);
      details.add(
          "size of %s: %s"
              .formatted(database.describe(), BackupSpace.readable(space.databaseSize(database))));
    }
    return input.databases().isEmpty()
        ? StepPlan.observes("", "no database to back up")
        : StepPlan.observes(
            String.join(", ", input.databases()),
            "dumps each database in one snapshot and keeps it compressed",
            details.toArray(String[]::new));
  }
}
