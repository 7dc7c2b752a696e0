package io.belay.capability.backup;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.Environment;
import io.belay.target.FormerName;
import io.belay.target.PostgresTarget;
import io.belay.target.RedisTarget;
import io.belay.target.Target;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code verifyBackup}: whether the backups of this run can be relied on. Each named target must
 * have one. Changes nothing; a rehearsal creates a scratch database and drops it.
 */
@Component
public class VerifyBackup extends StepDelegate<VerifyBackup.Input, VerifyBackup.Result> {

  /**
   * Names of the targets that must have been backed up.
   *
   * @param rehearse whether each PostgreSQL backup is restored into a scratch database
   */
  public record Input(
      @FormerName("database")
          @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @DefaultValue
          @TargetName(PostgresTarget.class)
          List<String> databases,
      @FormerName("cache")
          @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @DefaultValue
          @TargetName(RedisTarget.class)
          List<String> caches,
      @DefaultValue @TargetName(Target.class) List<String> configurations,
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
        verification.verify(
            new BackupVerification.Needed(
                input.databases(), input.caches(), input.configurations()),
            input.rehearse(),
            context);
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
        String.join(
            ", ",
            Stream.of(input.databases(), input.caches(), input.configurations())
                .flatMap(List::stream)
                .toList()),
        "reads every backup of the run to its end, compares checksums and counts",
        "pg_restore --list; pg_restore --data-only; CRC-64 and key counts of the RDB",
        input.rehearse()
            ? "creates the scratch database belay_rehearsal_…, restores into it, compares, drops it"
            : "no rehearsal");
  }
}
