package io.belay.target;

import io.belay.target.InvalidEnvironment.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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

  /** The key, in every type, of a target that no run changes without an approval. */
  static final String PROTECTED = "protected";

  private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,64}");
  private static final Pattern TARGET_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

  private final Path directory;
  private final TargetTypes types;
  private final Placeholders placeholders;

  /**
   * @param settings Belay's own settings, which fill in {@code ${…}}: environment variables, system
   *     properties, application properties
   */
  public Environments(Path directory, ConfigurableEnvironment settings, TargetTypes types) {
    this.directory = directory;
    this.types = types;
    this.placeholders = new Placeholders(settings);
  }

  /**
   * Reads and checks one environment.
   *
   * @throws UnknownEnvironment when there is no such file
   * @throws InvalidEnvironment with all mistakes of the file
   */
  public Environment load(String name) {
    if (!NAME.matcher(name).matches() || !Files.isRegularFile(file(name))) {
      throw new UnknownEnvironment(name, names());
    }
    return read(name, file(name));
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
    List<Problem> problems = new ArrayList<>();
    Map<String, Object> content = YamlTree.read(file, problems);
    content = resolved(content, "", problems);
    Map<String, Target> targets = new LinkedHashMap<>();
    Set<String> guarded = new LinkedHashSet<>();
    if (problems.isEmpty() || !content.isEmpty()) {
      topLevel(content, problems);
      if (content.get("targets") instanceof Map<?, ?> entries) {
        entries.forEach((key, value) -> bind(key.toString(), value, targets, guarded, problems));
      }
    }
    if (problems.isEmpty()) { // the rules rely on values that are each valid
      new EnvironmentRules(types, targets, guarded, problems).check();
    }
    if (!problems.isEmpty()) {
      throw new InvalidEnvironment(file.toString(), problems);
    }
    return new Environment(
        name, String.valueOf(content.getOrDefault("description", "")), targets, guarded);
  }

  private static void topLevel(Map<String, Object> content, List<Problem> problems) {
    content.forEach(
        (key, value) -> {
          if (!key.equals("targets") && !key.equals("description")) {
            problems.add(new Problem(key, "unknown key; known are description, targets"));
          }
        });
    if (!(content.get("targets") instanceof Map<?, ?> targets) || targets.isEmpty()) {
      problems.add(new Problem("targets", "must be a mapping with at least one target"));
    }
    if (!(content.getOrDefault("description", "") instanceof String)) {
      problems.add(new Problem("description", Shape.rule(String.class)));
    }
  }

  private void bind(
      String name,
      Object value,
      Map<String, Target> targets,
      Set<String> guarded,
      List<Problem> problems) {
    String key = "targets." + name;
    if (!TARGET_NAME.matcher(name).matches()) {
      problems.add(new Problem(key, "a target's name must be letters, digits, - and _"));
    } else if (!(value instanceof Map<?, ?> entries)) {
      problems.add(new Problem(key, "must be a mapping with the key 'type'"));
    } else {
      Map<String, Object> settings = new LinkedHashMap<>();
      entries.forEach((k, v) -> settings.put(k.toString(), v));
      Object guard = settings.remove(PROTECTED);
      if ("true".equals(guard)) {
        guarded.add(name);
      } else if (guard != null && !"false".equals(guard)) {
        problems.add(new Problem(key + "." + PROTECTED, "must be true or false"));
      }
      types
          .named(String.valueOf(settings.remove("type")))
          .ifPresentOrElse(
              type ->
                  targets.put(
                      name, new TargetBinding(key, problems).bind(settings, type.settings())),
              () ->
                  problems.add(
                      new Problem(
                          key + ".type", "must be one of " + String.join(", ", types.names()))));
    }
  }

  private Map<String, Object> resolved(
      Map<String, Object> map, String path, List<Problem> problems) {
    Map<String, Object> result = new LinkedHashMap<>();
    map.forEach(
        (key, value) ->
            result.put(key, resolved(value, path.isEmpty() ? key : path + "." + key, problems)));
    return result;
  }

  @SuppressWarnings("unchecked") // YamlTree makes string keys only
  private Object resolved(Object value, String path, List<Problem> problems) {
    if (value instanceof Map<?, ?> map) {
      return resolved((Map<String, Object>) map, path, problems);
    }
    if (value instanceof List<?> list) {
      List<Object> items = new ArrayList<>();
      for (Object item : list) {
        items.add(resolved(item, path + "[" + items.size() + "]", problems));
      }
      return items;
    }
    try {
      return placeholders.resolve((String) value);
    } catch (IllegalArgumentException e) {
      problems.add(new Problem(path, e.getMessage()));
      return "";
    }
  }
}
