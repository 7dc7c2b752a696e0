package io.belay.capability.configuration;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.belay.artifact.Artifact;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import io.belay.target.FormerName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Backs up, of each configuration, both {@code .env} files and the further configured files and
 * directories into one artifact of kind {@code configuration}. Repeated after a crash it keeps
 * those that are there.
 *
 * @see RestoreConfiguration
 */
@Component
public class TakeConfigurationBackup
    extends StepDelegate<TakeConfigurationBackup.Input, TakeConfigurationBackup.Result> {

  /** The detail of the artifact that names the target. */
  static final String TARGET = "target";

  private static final String FILES = "files";

  /** Names of the targets; none to back up nothing. */
  public record Input(
      @FormerName("configuration")
          @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @DefaultValue
          @TargetName(ConfigurationTarget.class)
          List<String> configurations) {}

  /**
   * @param artifacts their ids, for people
   * @param files in all of them
   */
  public record Result(@FormerName("artifact") String artifacts, int files) {}

  TakeConfigurationBackup() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    List<String> ids = new ArrayList<>();
    int files = 0;
    for (String configuration : input.configurations()) {
      Artifact artifact = take(configuration, context);
      ids.add(artifact.id());
      files += Integer.parseInt(artifact.details().get(FILES));
    }
    return new Result(String.join(", ", ids), files);
  }

  private static Artifact take(String configuration, StepContext context) throws Exception {
    ConfigurationTarget target = context.target(configuration, ConfigurationTarget.class);
    return context
        .artifacts()
        .write(
            context.runId(),
            "configuration-%s-%s.zip".formatted(configuration, context.stepKey()),
            "configuration",
            out -> {
              ConfigurationPaths paths = ConfigurationPaths.of(target);
              paths.absent().forEach(path -> context.log("Nothing is at %s", path));
              paths.skipped().forEach(path -> context.log("Left out, no file: %s", path));
              ConfigurationBackup backup = ConfigurationBackup.of(paths);
              backup.writeTo(out);
              return Map.of(
                  TARGET,
                  configuration,
                  FILES,
                  Integer.toString(backup.manifest().files().size()),
                  "format",
                  "zip",
                  "restore",
                  "unzip <file> -d /");
            });
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) throws IOException {
    List<String> details = new ArrayList<>();
    int files = 0;
    long bytes = 0;
    for (String configuration : input.configurations()) {
      ConfigurationPaths paths =
          ConfigurationPaths.of(environment.target(configuration, ConfigurationTarget.class));
      files += paths.files().size();
      bytes += paths.bytes();
      paths.files().forEach(path -> details.add(path.toString()));
      paths.absent().forEach(path -> details.add(path + " (does not exist)"));
      paths.skipped().forEach(path -> details.add(path + " (left out: no regular file)"));
    }
    return StepPlan.observes(
        String.join(", ", input.configurations()),
        "back up %d configuration files, %,d bytes".formatted(files, bytes),
        details.toArray(String[]::new));
  }
}
