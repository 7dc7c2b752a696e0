package io.belay.target;

import io.belay.target.InvalidEnvironment.Problem;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Rules that span several values: how a target's settings, and the targets, go together. */
final class EnvironmentRules {

  private final TargetTypes types;
  private final Map<String, Target> targets;
  private final Set<String> guarded;
  private final List<Problem> problems;

  /**
   * @param guarded names of the protected targets
   */
  EnvironmentRules(
      TargetTypes types, Map<String, Target> targets, Set<String> guarded, List<Problem> problems) {
    this.types = types;
    this.targets = targets;
    this.guarded = guarded;
    this.problems = problems;
  }

  void check() {
    targets.forEach(
        (name, target) -> {
          String key = "targets." + name;
          types.of(target).check(target, new SettingRules(key, types, targets, problems));
          checkParts(target, key);
          checkOtherNames(name, key);
        });
  }

  /** A second name of a protected system must not be a way around its protection. */
  private void checkOtherNames(String name, String key) {
    if (guarded.contains(name)) {
      return;
    }
    Optional<String> system = system(targets.get(name));
    guarded.stream()
        .filter(other -> system.isPresent() && system.equals(system(targets.get(other))))
        .findFirst()
        .ifPresent(
            other ->
                require(
                    false,
                    key + "." + EnvironmentReader.PROTECTED,
                    "must be true: it is the same system as the protected target '%s'"
                        .formatted(other)));
  }

  /** Which system a target is: the same text for the same system, whatever its name or file. */
  static Optional<String> system(Target target) {
    return target.identity().or(target::address);
  }

  private void require(boolean holds, String key, String rule) {
    if (!holds) {
      problems.add(new Problem(key, rule));
    }
  }

  /** Checks durations and commands, wherever they occur. */
  private void checkParts(Object value, String key) {
    if (value instanceof Duration duration) {
      require(duration.compareTo(Duration.ZERO) > 0, key, "must be longer than nothing");
    } else if (value instanceof Command command) {
      String program = command.arguments().get(0);
      require(!program.isBlank(), key + ".arguments[0]", "must name a program");
      require(
          command.arguments().size() > 1
              || !program.contains(" ")
              || Files.exists(Path.of(program)),
          key + ".arguments",
          "must be a list with one item for each argument, such as [docker, start, main-server]");
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        checkParts(list.get(i), key + "[" + i + "]");
      }
    }
    if (value instanceof Record part) {
      for (RecordComponent component : part.getClass().getRecordComponents()) {
        try {
          checkParts(
              component.getAccessor().invoke(part),
              key + "." + TargetBinding.dashed(component.getName()));
        } catch (ReflectiveOperationException e) {
          throw new IllegalStateException("record " + part.getClass() + " cannot be read", e);
        }
      }
    }
  }
}
