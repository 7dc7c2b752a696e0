package io.belay.target;

import io.belay.target.InvalidEnvironment.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads the file of an environment. */
final class EnvironmentReader {

  /** The key, in every type, of a target that no run changes without an approval. */
  static final String PROTECTED = "protected";

  private static final Pattern TARGET_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

  private final TargetTypes types;
  private final Placeholders placeholders;

  EnvironmentReader(TargetTypes types, Placeholders placeholders) {
    this.types = types;
    this.placeholders = placeholders;
  }

  /**
   * @param name of the environment
   * @throws InvalidEnvironment with all mistakes of the file
   */
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

  /**
   * The systems that a file protects, as {@link EnvironmentRules#system} names them. Mistakes in
   * other targets of the file take none away.
   */
  Set<String> protectedSystems(Path file) {
    List<Problem> others = new ArrayList<>();
    Map<String, Target> targets = new LinkedHashMap<>();
    Set<String> guarded = new LinkedHashSet<>();
    if (resolved(YamlTree.read(file, others), "", others).get("targets")
        instanceof Map<?, ?> entries) {
      entries.forEach(
          (key, value) -> {
            if (value instanceof Map<?, ?> settings && "true".equals(settings.get(PROTECTED))) {
              List<Problem> own = new ArrayList<>();
              bind(key.toString(), value, targets, guarded, own);
              if (!own.isEmpty()) {
                targets.remove(key.toString());
              }
            }
          });
    }
    return targets.values().stream()
        .map(EnvironmentRules::system)
        .flatMap(Optional::stream)
        .collect(Collectors.toSet());
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
