package io.belay.target;

import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** All target types that this Belay knows, including its extensions'. */
public final class TargetTypes {

  private final Map<String, TargetType<?>> byName = new TreeMap<>();
  private final Map<Class<?>, TargetType<?>> byRecord = new HashMap<>();

  /**
   * @throws IllegalArgumentException when two types share a name or a record, or a type's settings
   *     are not a public record
   */
  public TargetTypes(Collection<? extends TargetType<?>> types) {
    for (TargetType<?> type : types) {
      if (!type.settings().isRecord()
          || !Modifier.isPublic(type.settings().getModifiers())
          || !type.name().matches("[a-z][a-z0-9-]*")) {
        throw new IllegalArgumentException(
            "target type '%s' (%s) needs a public record for its settings and a name of lower-case letters, digits and dashes"
                .formatted(type.name(), type.getClass().getName()));
      }
      TargetType<?> sameName = byName.put(type.name(), type);
      TargetType<?> sameRecord = byRecord.put(type.settings(), type);
      TargetType<?> other = sameName == null ? sameRecord : sameName;
      if (other != null) {
        throw new IllegalArgumentException(
            "%s and %s are both the target type '%s' of %s; one of them must go"
                .formatted(
                    other.getClass().getName(),
                    type.getClass().getName(),
                    type.name(),
                    type.settings().getSimpleName()));
      }
    }
  }

  /** Sorted. */
  public Set<String> names() {
    return byName.keySet();
  }

  public Optional<TargetType<?>> named(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /**
   * @throws IllegalArgumentException when no type has such targets
   */
  @SuppressWarnings("unchecked") // each type is stored under its own record
  public <T extends Target> TargetType<T> of(T target) {
    TargetType<?> type = byRecord.get(target.getClass());
    if (type == null) {
      throw new IllegalArgumentException("no target type has " + target.getClass().getName());
    }
    return (TargetType<T>) type;
  }
}
