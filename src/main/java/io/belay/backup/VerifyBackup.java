package io.belay.backup;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.Environment;
import io.belay.target.PostgresTarget;
import io.belay.target.RedisTarget;
import jakarta.validation.constraints.NotBlank;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code verifyBackup}: can the backups of this run be relied on? There must be one of the database
 * and one of the cache. Changes nothing; a rehearsal makes a scratch database and drops it.
 */
@Component
public class VerifyBackup extends StepDelegate<VerifyBackup.Input, VerifyBackup.Result> {

  /** Names of the targets that must have been backed up. */
  public record Input(
      @NotBlank @DefaultValue("database") @TargetName(PostgresTarget.class) String database,
      @NotBlank @DefaultValue("cache") @TargetName(RedisTarget.class) String cache,
      @DefaultValue("false") boolean rehearse) {}

  /** {@code PASS}, {@code FAIL}, or {@code NO_DATA} when a backup is missing. */
  public record Result(Verdict verdict, String reason, int verified) {}

  private final BackupVerification verification;

  VerifyBackup(BackupVerification verification) {
    super(Input.class, Result.class);
    this.verification = verification;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    BackupVerification.Outcome outcome =
        verification.verify(input.database(), input.cache(), input.rehearse(), context);
    return new Result(outcome.verdict(), outcome.reason(), outcome.verified());
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public Backup backup() {
    return Backup.VERIFIES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.observes(
        input.database(),
        "reads every backup of the run to its end, compares checksums and counts",
        "pg_restore --list; pg_restore --data-only; CRC-64 and key counts of the RDB",
        input.rehearse()
            ? "creates the scratch database belay_rehearsal_…, restores into it, compares, drops it"
            : "no rehearsal");
  }
}
