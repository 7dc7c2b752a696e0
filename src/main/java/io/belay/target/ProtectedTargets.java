package io.belay.target;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.lang.Nullable;

/**
 * The targets that no run changes without an approval, as far as that is known before a run chooses
 * its environment: those that every environment protects that has them, and without environments
 * those of a {@link ProtectedKind}.
 */
public final class ProtectedTargets {

  /** The settings of all types that name further targets, which change with the target. */
  private static final Set<String> NAMING = Set.of("database", "http", "values", "changes", "on");

  private final List<Map<?, ?>> environments;

  private ProtectedTargets(List<Map<?, ?>> environments) {
    this.environments = environments;
  }

  /** Without environments. */
  public static ProtectedTargets byKind() {
    return new ProtectedTargets(List.of());
  }

  /** As the environment files in that directory say, and by kind if there are none. */
  public static ProtectedTargets in(Path directory) {
    List<Map<?, ?>> environments = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (Stream<Path> files = Files.list(directory)) {
        files
            .filter(file -> file.toString().endsWith(".yml"))
            .filter(file -> !file.toString().endsWith(".example.yml"))
            // Whoever starts a run is told what is wrong in a file.
            .map(file -> YamlTree.read(file, new ArrayList<>()).get("targets"))
            .filter(Map.class::isInstance)
            .forEach(targets -> environments.add((Map<?, ?>) targets));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return new ProtectedTargets(environments);
  }

  /** Whether it is known which names are meant. */
  public boolean areNamed() {
    return !environments.isEmpty();
  }

  /** Whether a change of a target of that kind can lose data. */
  public static boolean holdData(Class<?> kind) {
    ProtectedKind known = AnnotatedElementUtils.findMergedAnnotation(kind, ProtectedKind.class);
    return known != null && known.holdsData();
  }

  /**
   * Names of the protected targets that a change of one target changes.
   *
   * @param name null when only the run knows it
   * @param kind that a step demands
   * @return empty when it is not protected; without environments, its own name or kind
   */
  public Set<String> changedWith(@Nullable String name, Class<?> kind) {
    if (environments.isEmpty()) {
      return AnnotatedElementUtils.hasAnnotation(kind, ProtectedKind.class)
          ? Set.of(name == null ? kind.getSimpleName() : name)
          : Set.of();
    }
    List<Set<String>> found =
        environments.stream()
            .filter(targets -> name != null && targets.containsKey(name))
            .map(targets -> guarded(targets, name))
            .toList();
    return found.isEmpty() || found.stream().anyMatch(Set::isEmpty) ? Set.of() : union(found);
  }

  private static Set<String> union(List<Set<String>> sets) {
    Set<String> union = new TreeSet<>();
    sets.forEach(union::addAll);
    return union;
  }

  private static Set<String> guarded(Map<?, ?> targets, String name) {
    Set<String> changed = new LinkedHashSet<>(Set.of(name));
    Deque<String> open = new ArrayDeque<>(changed);
    while (!open.isEmpty()) {
      if (targets.get(open.remove()) instanceof Map<?, ?> settings) {
        NAMING.stream()
            .map(settings::get)
            .flatMap(value -> value instanceof List<?> list ? list.stream() : Stream.of(value + ""))
            .flatMap(value -> Stream.of(String.valueOf(value).split("\\s*,\\s*")))
            .filter(targets::containsKey)
            .filter(changed::add)
            .forEach(open::add);
      }
    }
    changed.removeIf(
        one ->
            !(targets.get(one) instanceof Map<?, ?> settings)
                || !"true".equals(settings.get("protected")));
    return changed;
  }
}
