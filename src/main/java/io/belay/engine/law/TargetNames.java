package io.belay.engine.law;

import io.belay.model.Parameter;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import io.belay.target.Target;
import io.belay.target.TargetTypes;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** The targets that the value of a parameter, or of an input, names. */
@Component
final class TargetNames {

  private final TargetTypes types;

  TargetNames(TargetTypes types) {
    this.types = types;
  }

  private static Stream<String> in(Parameter parameter, Object value) {
    return parameter.namesTargets() && value != null
        ? Arrays.stream(value.toString().split(","))
            .filter(name -> !name.isBlank() && !name.equals(TargetName.NONE))
        : Stream.of();
  }

  /** Says which of them the environment lacks, and why. */
  Stream<String> missing(Parameter parameter, Object value, Environment environment) {
    return in(parameter, value)
        .flatMap(
            name -> {
              Target target = environment.targets().get(name);
              if (target == null) {
                return Stream.of(
                    "'%s' names target '%s', which environment '%s' does not have; it has %s"
                        .formatted(
                            parameter.name(),
                            name,
                            environment.name(),
                            environment.targets().keySet()));
              }
              Set<String> kinds = Set.copyOf(parameter.kinds());
              String kind = types.of(target).name();
              return kinds.isEmpty() || kinds.contains(kind)
                  ? Stream.of()
                  : Stream.of(
                      "'%s' names target '%s', which is a %s in environment '%s'; it must be a %s"
                          .formatted(
                              parameter.name(),
                              name,
                              kind,
                              environment.name(),
                              String.join(" or ", parameter.kinds())));
            });
  }
}
