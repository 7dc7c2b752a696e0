package io.belay.capability.configuration;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.Environment;
import io.belay.target.FormerName;
import jakarta.validation.constraints.NotNull;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Gives configuration files back byte for byte, with mode and owner: those that {@link
 * UpdateConfiguration} changed in this run, those that differ from {@link TakeConfigurationBackup},
 * or both. A file that did not exist is removed. Whatever is overwritten or removed and is not what
 * Belay wrote is kept as an artifact. Safe to repeat, and on nothing.
 *
 * @see UpdateConfiguration
 * @see TakeConfigurationBackup
 */
@Component
@Undoes({"updateConfiguration", "takeConfigurationBackup"})
public class RestoreConfiguration
    extends UndoDelegate<RestoreConfiguration.Input, RestoreConfiguration.Result> {

  /** What is taken back. */
  public enum Scope {
    /** Everything back to the state of the run's backup. */
    BACKUP,
    /** What updateConfiguration wrote. */
    UPDATE,
    /** First the backup, then the update: the state before the run. */
    ALL
  }

  public record Input(
      @FormerName("configuration")
          @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @DefaultValue
          @TargetName(ConfigurationTarget.class)
          List<String> configurations,
      @NotNull @DefaultValue("ALL") Scope scope) {}

  /**
   * @param restored files written or removed
   */
  public record Result(int restored) {}

  RestoreConfiguration() {
    super(Input.class, Result.class);
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    return past.step().equals("updateConfiguration")
        ? input.scope() != Scope.BACKUP
            && input
                .configurations()
                .contains(past.input(UpdateConfiguration.Input.class).configuration())
        : input.scope() != Scope.UPDATE
            && input
                .configurations()
                .containsAll(past.input(TakeConfigurationBackup.Input.class).configurations());
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> executions, StepContext context)
      throws Exception {
    int restored = 0;
    for (String configuration : named(input)) {
      ConfigurationRestore restore = new ConfigurationRestore(context, configuration);
      if (input.scope() != Scope.UPDATE) {
        restored += restore.backup();
      }
      if (input.scope() != Scope.BACKUP) {
        restored += restore.updates(executions);
      }
    }
    return new Result(restored);
  }

  private static List<String> named(Input input) {
    return input.configurations().stream().filter(name -> !name.equals(TargetName.NONE)).toList();
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    List<ConfigurationTarget> targets =
        named(input).stream()
            .map(name -> environment.target(name, ConfigurationTarget.class))
            .toList();
    return StepPlan.changes(
        String.join(", ", input.configurations()),
        switch (input.scope()) {
          case BACKUP -> "restore what differs from the run's configuration backup";
          case UPDATE -> "take back what updateConfiguration wrote";
          case ALL -> "restore the configuration as it was before the run";
        },
        targets.stream()
            .map(target -> "%s, further files: %s".formatted(target.describe(), target.files()))
            .toArray(String[]::new));
  }
}
