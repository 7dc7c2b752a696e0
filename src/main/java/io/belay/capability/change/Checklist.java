package io.belay.capability.change;

import io.belay.step.Assignments;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * The items of a checklist in their order: checks before, steps, checks after. The file has the
 * keys {@code pre_checks}, {@code steps} (or {@code cutover_steps}) and {@code post_checks}, alone
 * or below one key such as {@code cutover}.
 */
record Checklist(List<ChecklistItem> items) {

  private static final int MOST_BYTES = 256 * 1024;
  private static final int MOST_ITEMS = 500;

  /**
   * @throws TargetException with all that is wrong with the file
   */
  static Checklist read(ChecklistTarget target) {
    List<String> problems = new ArrayList<>();
    Checklist checklist = read(target.file(), problems);
    if (!problems.isEmpty()) {
      throw new TargetException(
          "checklist %s: %s".formatted(target.file(), String.join("; ", problems)));
    }
    return checklist;
  }

  private static Checklist read(Path file, List<String> problems) {
    List<ChecklistItem> items = new ArrayList<>();
    try {
      if (Files.size(file) > MOST_BYTES) {
        problems.add("more than %d bytes".formatted(MOST_BYTES));
        return new Checklist(List.of());
      }
      Object root = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
      Map<?, ?> parts = unwrapped(root);
      parts.keySet().stream()
          .filter(
              key -> !List.of("pre_checks", "steps", "cutover_steps", "post_checks").contains(key))
          .forEach(
              key ->
                  problems.add(
                      "'%s' is unknown; known are pre_checks, steps, post_checks".formatted(key)));
      add(parts, "pre_checks", items, problems);
      add(parts, parts.containsKey("steps") ? "steps" : "cutover_steps", items, problems);
      add(parts, "post_checks", items, problems);
    } catch (YAMLException e) {
      problems.add("is no YAML: " + e.getMessage().lines().findFirst().orElse(""));
    } catch (IOException e) {
      problems.add("cannot be read (%s)".formatted(e.getClass().getSimpleName()));
    }
    if (problems.isEmpty() && items.isEmpty()) {
      problems.add("has no items");
    }
    if (items.size() > MOST_ITEMS) {
      problems.add("has more than %d items".formatted(MOST_ITEMS));
    }
    return new Checklist(List.copyOf(items));
  }

  private static Map<?, ?> unwrapped(Object root) {
    if (root instanceof Map<?, ?> map
        && map.size() == 1
        && map.values().iterator().next() instanceof Map<?, ?> inner) {
      return inner;
    }
    return root instanceof Map<?, ?> map ? map : Map.of();
  }

  private static void add(
      Map<?, ?> parts, String part, List<ChecklistItem> items, List<String> problems) {
    Object list = parts.get(part);
    if (list == null) {
      return;
    }
    if (!(list instanceof List<?> entries)) {
      problems.add("'%s' must be a list".formatted(part));
      return;
    }
    for (int i = 0; i < entries.size(); i++) {
      try {
        items.add(
            ChecklistItem.of(entries.get(i), items.size() + 1, part.endsWith("steps") ? i + 1 : 0));
      } catch (IllegalArgumentException e) {
        problems.add("%s[%d]: %s".formatted(part, i, e.getMessage()));
      }
    }
  }

  /** The items that the switches leave on. */
  List<ChecklistItem> on(Assignments switches) {
    return items.stream().filter(item -> item.isOn(switches.values())).toList();
  }
}
