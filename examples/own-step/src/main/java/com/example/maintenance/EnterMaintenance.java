package com.example.maintenance;

import io.belay.step.Checkpoint;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import jakarta.validation.constraints.NotBlank;
import java.io.IOException;
import java.nio.file.Files;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Shows users the maintenance page. {@link LeaveMaintenance} takes it back. */
@Checkpoint(name = EnterMaintenance.WAS_THERE, type = Boolean.class)
public final class EnterMaintenance
    extends StepDelegate<EnterMaintenance.Input, EnterMaintenance.Result> {

  static final String WAS_THERE = "wasThere";

  /**
   * @param flag name of the maintenance flag
   */
  public record Input(
      @NotBlank @DefaultValue("maintenance") @TargetName(MaintenanceFlag.class) String flag) {}

  /**
   * @param entered false when somebody else had set the flag before
   */
  public record Result(boolean entered) {}

  EnterMaintenance() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) throws IOException {
    MaintenanceFlag flag = context.target(input.flag(), MaintenanceFlag.class);
    // Kept before the effect: an attempt that was killed after it finds its own flag, not another's.
    boolean wasThere =
        context
            .saved(WAS_THERE, Boolean.class)
            .orElseGet(
                () -> {
                  boolean found = Files.exists(flag.file());
                  context.save(WAS_THERE, found);
                  return found;
                });
    context.cancellation().throwIfCancelled();
    if (!wasThere) {
      Files.writeString(flag.file(), flag.text());
    }
    return new Result(!wasThere);
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    MaintenanceFlag flag = environment.target(input.flag(), MaintenanceFlag.class);
    return StepPlan.changes(input.flag(), "Set the " + flag.describe(), flag.text());
  }
}
