package io.belay.configuration;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Artifact;
import io.belay.target.ConfigurationTarget;
import io.belay.target.Environment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Backs up both {@code .env} files and the further configured files and directories into one
 * artifact of kind {@code configuration}. Repeated after a crash it returns the one that is there.
 *
 * @see RestoreConfiguration
 */
@Component
public class TakeConfigurationBackup
    extends StepDelegate<TakeConfigurationBackup.Input, TakeConfigurationBackup.Result> {

  private static final String FILES = "files";

  public record Input(
      @DefaultValue("configuration") @TargetName(ConfigurationTarget.class) String configuration) {}

  public record Result(String artifact, int files) {}

  TakeConfigurationBackup() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    ConfigurationTarget target = context.target(input.configuration(), ConfigurationTarget.class);
    Artifact artifact =
        context
            .artifacts()
            .write(
                context.runId(),
                "configuration-%s.zip".formatted(context.stepKey()),
                "configuration",
                out -> {
                  ConfigurationPaths paths = ConfigurationPaths.of(target);
                  paths.absent().forEach(path -> context.log("Nothing is at %s", path));
                  paths.skipped().forEach(path -> context.log("Left out, no file: %s", path));
                  ConfigurationBackup backup = ConfigurationBackup.of(paths);
                  backup.writeTo(out);
                  return Map.of(
                      FILES,
                      Integer.toString(backup.manifest().files().size()),
                      "format",
                      "zip",
                      "restore",
                      "unzip <file> -d /");
                });
    return new Result(artifact.id(), Integer.parseInt(artifact.details().get(FILES)));
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) throws IOException {
    ConfigurationPaths paths =
        ConfigurationPaths.of(environment.target(input.configuration(), ConfigurationTarget.class));
    List<String> details = new ArrayList<>();
    paths.files().forEach(path -> details.add(path.toString()));
    paths.absent().forEach(path -> details.add(path + " (does not exist)"));
    paths.skipped().forEach(path -> details.add(path + " (left out: no regular file)"));
    return StepPlan.observes(
        input.configuration(),
        "back up %d configuration files, %,d bytes".formatted(paths.files().size(), paths.bytes()),
        details.toArray(String[]::new));
  }
}
