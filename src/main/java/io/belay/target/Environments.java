package io.belay.target;

import io.belay.target.InvalidEnvironment.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * The environments: one file {@code <name>.yml} each in the directory {@code belay.environments}
 * (default {@code environments}). Files ending in {@code .example.yml} are for reading only.
 *
 * <p>A file is read each time its environment is asked for, so a correction needs no restart. It is
 * checked as a whole, so that all its mistakes are reported at once.
 */
public class Environments {

  private static final Logger LOG = LoggerFactory.getLogger(Environments.class);
  private static final String ENDING = ".yml";

  private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,64}");

  private final Path directory;
  private final EnvironmentReader reader;

  /**
   * @param settings Belay's own settings, which fill in {@code ${…}}: environment variables, system
   *     properties, application properties
   */
  public Environments(Path directory, ConfigurableEnvironment settings, TargetTypes types) {
    this.directory = directory;
    this.reader = new EnvironmentReader(types, new Placeholders(settings));
  }

  /**
   * Reads and checks one environment. Its targets are protected where its file or that of another
   * environment protects the same system.
   *
   * @throws UnknownEnvironment when there is no such file
   * @throws InvalidEnvironment with all mistakes of the file
   */
  public Environment load(String name) {
    if (!NAME.matcher(name).matches() || !Files.isRegularFile(file(name))) {
      throw new UnknownEnvironment(name, names());
    }
    return guarded(read(name, file(name)));
  }

  /** The names of all environments, sorted. */
  public List<String> names() {
    return files().stream()
        .map(Environments::nameOf)
        .filter(name -> NAME.matcher(name).matches())
        .toList();
  }

  /**
   * One file, and whether runs can be started in it.
   *
   * @param name of the environment; of the file if that is no valid name for an environment
   * @param problems all mistakes of the file; empty when it is valid
   */
  public record Checked(String name, String file, String description, List<Problem> problems) {

    public boolean isValid() {
      return problems.isEmpty();
    }
  }

  /** All files, each checked as a whole, sorted by name. */
  public List<Checked> check() {
    return files().stream().map(this::check).toList();
  }

  private Checked check(Path file) {
    String name = nameOf(file);
    try {
      if (!NAME.matcher(name).matches()) {
        throw new InvalidEnvironment(
            file.toString(),
            List.of(
                new Problem(
                    "", "the file's name must be [a-z0-9-]+.yml; it names the environment")));
      }
      return new Checked(name, file.toString(), read(name, file).description(), List.of());
    } catch (InvalidEnvironment e) {
      return new Checked(name, e.file(), "", e.problems());
    }
  }

  /**
   * Checks all environments.
   *
   * @throws InvalidEnvironment with all mistakes of all files
   */
  public void validateAll() {
    if (!Files.isDirectory(directory)) {
      LOG.warn(
          "there are no environments: belay.environments names {}, which is no directory",
          directory.toAbsolutePath());
    }
    List<Checked> invalid = check().stream().filter(checked -> !checked.isValid()).toList();
    if (!invalid.isEmpty()) {
      throw new InvalidEnvironment(
          invalid.stream().map(Checked::file).collect(Collectors.joining(", ")),
          invalid.stream()
              .flatMap(
                  checked ->
                      checked.problems().stream()
                          .map(p -> new Problem(checked.file() + ": " + p.key(), p.rule())))
              .toList());
    }
  }

  private Path file(String name) {
    return directory.resolve(name + ENDING);
  }

  private static String nameOf(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : name;
  }

  /** All files that are meant as environments, also those with a wrong name. */
  private List<Path> files() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().matches(".*\\.ya?ml"))
          .filter(file -> !file.toString().endsWith(".example" + ENDING))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new TargetException(
          "the directory %s (belay.environments) cannot be listed".formatted(directory), e);
    }
  }

  /** Reads a file of any name, so the examples too. */
  Environment read(String name, Path file) {
    return reader.read(name, file);
  }

  /** The environment; what another one protects is protected in it as well, under any name. */
  private Environment guarded(Environment environment) {
    Set<String> systems =
        files().stream()
            .filter(file -> !file.equals(file(environment.name())))
            .flatMap(file -> reader.protectedSystems(file).stream())
            .collect(Collectors.toSet());
    Set<String> guarded = new LinkedHashSet<>(environment.protectedTargets());
    if (!systems.isEmpty()) {
      environment
          .targets()
          .forEach(
              (name, target) ->
                  EnvironmentRules.system(target)
                      .filter(systems::contains)
                      .ifPresent(system -> guarded.add(name)));
    }
    return new Environment(
        environment.name(), environment.description(), environment.targets(), guarded);
  }
}
