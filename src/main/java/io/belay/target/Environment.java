package io.belay.target;

import java.util.Map;
import java.util.Set;

/**
 * A named set of targets, read from {@code environments/<name>.yml}.
 *
 * @param name the file's name without its ending
 * @param description for people
 * @param targets by name, in the file's order
 * @param protectedTargets names of those that no run changes without an approval
 */
public record Environment(
    String name, String description, Map<String, Target> targets, Set<String> protectedTargets) {

  /** An environment without protected targets. */
  public Environment(String name, String description, Map<String, Target> targets) {
    this(name, description, targets, Set.of());
  }

  public boolean isProtected(String targetName) {
    return protectedTargets.contains(targetName);
  }

  /**
   * The target of that name and type.
   *
   * @throws TargetException if there is none, or it has another type; names what exists
   */
  public <T extends Target> T target(String targetName, Class<T> type) {
    Target target = targets.get(targetName);
    if (target == null) {
      throw new TargetException(
          "environment '%s' has no target '%s'; it has %s"
              .formatted(name, targetName, targets.keySet()));
    }
    if (!type.isInstance(target)) {
      throw new TargetException(
          "target '%s' of environment '%s' is a %s, but a %s is needed"
              .formatted(
                  targetName, name, target.getClass().getSimpleName(), type.getSimpleName()));
    }
    return type.cast(target);
  }
}
