package io.belay.capability.configuration;

import io.belay.artifact.Artifact;
import io.belay.capability.configuration.ConfigurationFile.State;
import io.belay.capability.configuration.UpdateConfiguration.Change;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Gives files back from what a run recorded; file by file, each only where it differs. */
final class ConfigurationRestore {

  private final StepContext context;
  private final String configuration;

  ConfigurationRestore(StepContext context, String configuration) {
    this.context = context;
    this.configuration = configuration;
  }

  /**
   * Takes back the updates of this configuration among these executions; returns the number of
   * files touched.
   *
   * @param executions oldest first
   */
  int updates(List<PastStep> executions) throws Exception {
    context.target(configuration, ConfigurationTarget.class);
    // Several updates of a file lead back to where the first of them began.
    Map<String, List<Change>> byPath = new LinkedHashMap<>();
    for (PastStep step : executions) {
      if (step.step().equals("updateConfiguration")
          && step.input(UpdateConfiguration.Input.class).configuration().equals(configuration)) {
        step.saved(UpdateConfiguration.CHANGE, Change.class)
            .ifPresent(
                change ->
                    byPath.computeIfAbsent(change.path(), p -> new ArrayList<>()).add(change));
      }
    }
    int touched = 0;
    for (List<Change> changes : byPath.values()) {
      Change first = changes.get(0);
      byte[] content = first.copy() == null ? null : ConfigurationCopy.read(context, first.copy());
      Set<String> ours = changes.stream().map(Change::after).collect(Collectors.toSet());
      touched += restore(Path.of(first.path()), content, first.before(), ours) ? 1 : 0;
    }
    return touched;
  }

  /** Brings everything to the state of the run's first backup; the number of files touched. */
  int backup() throws Exception {
    ConfigurationTarget target = context.target(configuration, ConfigurationTarget.class);
    Optional<Artifact> artifact = firstBackup();
    if (artifact.isEmpty()) {
      return 0;
    }
    ConfigurationBackup backup;
    try (InputStream in = context.artifacts().open(artifact.get())) {
      backup = ConfigurationBackup.read(in);
    }
    int touched = 0;
    for (Map.Entry<String, State> file : backup.manifest().files().entrySet()) {
      touched +=
          restore(Path.of(file.getKey()), backup.content(file.getKey()), file.getValue(), Set.of())
              ? 1
              : 0;
    }
    for (Path added : added(backup.manifest(), target)) {
      touched += restore(added, null, null, Set.of()) ? 1 : 0;
    }
    return touched;
  }

  private Optional<Artifact> firstBackup() {
    return context.started(TakeConfigurationBackup.class).stream()
        .filter(
            step ->
                step.input(TakeConfigurationBackup.Input.class)
                    .configurations()
                    .contains(configuration))
        .flatMap(step -> step.artifacts().stream())
        .map(id -> context.artifacts().find(id))
        .flatMap(Optional::stream)
        .filter(backup -> configuration.equals(target(backup)))
        .findFirst();
  }

  /** A backup of Belay 0.1 does not say; its step backed up but one configuration. */
  private String target(Artifact backup) {
    return backup.details().getOrDefault(TakeConfigurationBackup.TARGET, configuration);
  }

  /** What the configured paths hold now and did not hold at the backup. */
  private static List<Path> added(ConfigurationBackup.Manifest manifest, ConfigurationTarget target)
      throws Exception {
    List<Path> added = new ArrayList<>();
    for (Path path : ConfigurationPaths.of(target).files()) {
      boolean known = manifest.files().containsKey(path.toString());
      boolean covered =
          manifest.absent().contains(path.toString())
              || manifest.directories().stream().anyMatch(path::startsWith)
              || manifest.absent().stream().anyMatch(path::startsWith);
      if (!known && covered) {
        added.add(path);
      }
    }
    return added;
  }

  /**
   * @param state null when the file must not exist
   * @param ours SHA-256 of what Belay itself wrote there; it needs no copy
   * @return whether anything had to be done
   */
  private boolean restore(Path path, byte[] content, State state, Set<String> ours)
      throws Exception {
    ConfigurationFile.dropPrepared(path);
    Optional<ConfigurationFile> now = ConfigurationFile.read(path);
    if (now.map(ConfigurationFile::state).equals(Optional.ofNullable(state))) {
      return false;
    }
    if (now.isPresent() && foreign(now.get(), state, ours)) {
      Artifact copy = ConfigurationCopy.keep(context, now.get());
      context.log("%s was changed during the run; that content is kept as %s", path, copy.name());
    }
    if (state == null) {
      ConfigurationFile.delete(path, context);
      context.log("Removed %s, which did not exist before", path);
    } else {
      ConfigurationFile.write(path, content, state, context);
      context.log("Restored %s", path);
    }
    return true;
  }

  private static boolean foreign(ConfigurationFile now, State state, Set<String> ours) {
    String hash = now.state().sha256();
    return !ours.contains(hash) && (state == null || !hash.equals(state.sha256()));
  }
}
