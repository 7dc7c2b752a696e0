package io.belay.configuration;

import io.belay.configuration.ConfigurationFile.State;
import io.belay.step.Checkpoint;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.ConfigurationTarget;
import io.belay.target.Environment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Writes renamed keys that the new version's {@code .env} lacks, with the old version's values; all
 * else in the file stays as it is. A copy of the file is kept as an artifact before.
 *
 * @see RestoreConfiguration
 */
@Component
@Checkpoint(name = UpdateConfiguration.CHANGE, type = UpdateConfiguration.Change.class)
public class UpdateConfiguration
    extends StepDelegate<UpdateConfiguration.Input, UpdateConfiguration.Result> {

  /** Checkpoint under which the {@link Change} is saved. */
  static final String CHANGE = "change";

  public record Input(
      @DefaultValue("configuration") @TargetName(ConfigurationTarget.class) String configuration) {}

  public record Result(int updated) {}

  /**
   * What the step is about to do to a file.
   *
   * @param before null when there was no file
   * @param copy id of the artifact with the file's content; null when there was no file
   * @param after SHA-256 of the new content
   */
  record Change(String path, State before, String copy, String after, int keys) {}

  UpdateConfiguration() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    ConfigurationTarget target = context.target(input.configuration(), ConfigurationTarget.class);
    Path path = ConfigurationFile.resolve(target.candidate());
    ConfigurationFile.dropPrepared(path);
    Optional<ConfigurationFile> candidate = ConfigurationFile.read(path);
    ConfigurationUpdate update = update(target, candidate);
    Optional<Change> begun = context.saved(CHANGE, Change.class);
    if (update.keys().isEmpty()) {
      return new Result(begun.map(Change::keys).orElse(0));
    }
    Change change = change(path, candidate, update, begun, context);
    context.save(CHANGE, change);
    ConfigurationFile.write(
        path,
        update.content(),
        candidate.isPresent() ? candidate.get().state() : newFile(target),
        context);
    update.keys().forEach(key -> context.log("Wrote %s to %s", key, path));
    return new Result(change.keys());
  }

  /** An earlier attempt's beginning stays the beginning. */
  private static Change change(
      Path path,
      Optional<ConfigurationFile> candidate,
      ConfigurationUpdate update,
      Optional<Change> begun,
      StepContext context)
      throws Exception {
    String after = Digests.sha256(update.content());
    int keys = update.keys().size();
    if (begun.isPresent()) {
      return new Change(path.toString(), begun.get().before(), begun.get().copy(), after, keys);
    }
    if (candidate.isEmpty()) {
      return new Change(path.toString(), null, null, after, keys);
    }
    String copy = ConfigurationCopy.keep(context, candidate.get()).id();
    return new Change(path.toString(), candidate.get().state(), copy, after, keys);
  }

  private static ConfigurationUpdate update(
      ConfigurationTarget target, Optional<ConfigurationFile> candidate) throws IOException {
    byte[] nothing = new byte[0];
    return ConfigurationUpdate.of(
        target,
        EnvFile.parse(
            ConfigurationFile.read(target.baseline())
                .map(ConfigurationFile::content)
                .orElse(nothing)),
        EnvFile.parse(candidate.map(ConfigurationFile::content).orElse(nothing)));
  }

  /** A file that did not exist gets the mode and owner of the old version's file. */
  private static State newFile(ConfigurationTarget target) throws IOException {
    return ConfigurationFile.read(target.baseline()).orElseThrow().state();
  }

  @Override
  public StepPlan plan(Input input, Environment environment) throws IOException {
    ConfigurationTarget target =
        environment.target(input.configuration(), ConfigurationTarget.class);
    ConfigurationUpdate update =
        update(target, ConfigurationFile.read(ConfigurationFile.resolve(target.candidate())));
    return StepPlan.changes(
        input.configuration(),
        "write %d renamed keys to %s".formatted(update.keys().size(), target.candidate()),
        update.keys().toArray(String[]::new));
  }
}
