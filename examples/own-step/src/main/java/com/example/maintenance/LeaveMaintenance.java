package com.example.maintenance;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.Environment;
import jakarta.validation.constraints.NotBlank;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Removes a flag that {@link EnterMaintenance} has set in this run; one that was there stays. */
@Undoes("enterMaintenance")
public final class LeaveMaintenance
    extends UndoDelegate<LeaveMaintenance.Input, LeaveMaintenance.Result> {

  /**
   * @param flag name of the maintenance flag
   */
  public record Input(
      @NotBlank @DefaultValue("maintenance") @TargetName(MaintenanceFlag.class) String flag) {}

  /**
   * @param left whether there was a flag of this run to remove
   */
  public record Result(boolean left) {}

  LeaveMaintenance() {
    super(Input.class, Result.class);
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    return past.input(EnterMaintenance.Input.class).flag().equals(input.flag());
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> executions, StepContext context)
      throws IOException {
    boolean ours =
        executions.stream()
            .map(past -> past.saved(EnterMaintenance.WAS_THERE, Boolean.class))
            .anyMatch(wasThere -> wasThere.isPresent() && !wasThere.get());
    MaintenanceFlag flag = context.target(input.flag(), MaintenanceFlag.class);
    return new Result(ours && Files.deleteIfExists(flag.file()));
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    MaintenanceFlag flag = environment.target(input.flag(), MaintenanceFlag.class);
    return StepPlan.changes(input.flag(), "Remove the " + flag.describe());
  }
}
