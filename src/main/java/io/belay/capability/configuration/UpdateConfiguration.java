package io.belay.capability.configuration;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.belay.capability.configuration.ConfigurationFile.State;
import io.belay.step.Checkpoint;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
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

  /**
   * @param configuration name of the target; {@code none} when there is nothing to update
   */
  public record Input(
      @DefaultValue(TargetName.NONE) @TargetName(ConfigurationTarget.class) String configuration) {}

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
    if (input.configuration().equals(TargetName.NONE)) {
      return new Result(0);
    }
    ConfigurationTarget target = context.target(input.configuration(), ConfigurationTarget.class);
    Path path = ConfigurationFile.resolve(target.candidate());
    ConfigurationFile.dropPrepared(path);
    Optional<Change> begun = context.saved(CHANGE, Change.class);
    Optional<ConfigurationFile> candidate = before(path, begun, context);
    ConfigurationUpdate update = update(target, candidate);
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

  /**
   * The file as it was, also when an earlier attempt was killed while it wrote in place: its
   * content is then the beginning of what that attempt wrote.
   */
  private static Optional<ConfigurationFile> before(
      Path path, Optional<Change> begun, StepContext context) throws Exception {
    Optional<ConfigurationFile> now = ConfigurationFile.read(path);
    if (now.isEmpty() || begun.isEmpty() || begun.get().copy() == null) {
      return now;
    }
    byte[] copy = ConfigurationCopy.read(context, begun.get().copy());
    byte[] content = now.get().content();
    boolean half =
        content.length > copy.length
            && Arrays.equals(content, 0, copy.length, copy, 0, copy.length)
            && !now.get().state().sha256().equals(begun.get().after())
            && new String(content, copy.length, content.length - copy.length, UTF_8)
                .stripLeading()
                .startsWith("# renamed from ");
    return half ? Optional.of(new ConfigurationFile(path, copy, begun.get().before())) : now;
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
                .orElse(nothing),
            target.dialect()),
        EnvFile.parse(candidate.map(ConfigurationFile::content).orElse(nothing), target.dialect()));
  }

  /** A file that did not exist gets the mode and owner of the old version's file. */
  private static State newFile(ConfigurationTarget target) throws IOException {
    return ConfigurationFile.read(target.baseline()).orElseThrow().state();
  }

  @Override
  public StepPlan plan(Input input, Environment environment) throws IOException {
    if (input.configuration().equals(TargetName.NONE)) {
      return StepPlan.observes(input.configuration(), "no configuration to update");
    }
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
