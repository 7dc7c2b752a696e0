package io.belay.capability.check;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.target.ServiceTarget;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where a service is found at this point of the run. Usually at its own address. While a rolling
 * update exchanges its instances, the new version is at those that are replaced, and the old one at
 * those that are not; which they are, the journal knows.
 */
final class ServiceLocations {

  /**
   * @param instance name of the instance, also at the router; null for the service as a whole
   */
  record Location(String instance, URI url) {}

  /** What matters of the input of {@code replaceInstance}. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Replacement(String router, String from, String to, String instance) {}

  /** What matters of the result of {@code replaceInstance}. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Replaced(boolean replaced) {}

  private ServiceLocations() {}

  /** Empty when every instance of an old version has been replaced. */
  static List<Location> of(String name, ServiceTarget service, StepContext context) {
    List<PastStep> replacements =
        context.started("restoreInstances").isEmpty()
            ? context.started("replaceInstance")
            : List.of();
    Set<String> arrived =
        replacements.stream()
            .filter(past -> past.result(Replaced.class).isPresent())
            .map(past -> past.input(Replacement.class))
            .filter(replacement -> replacement.to().equals(name))
            .map(Replacement::instance)
            .collect(Collectors.toSet());
    if (!arrived.isEmpty()) {
      return instances(service, arrived, true);
    }
    Set<String> left =
        replacements.stream()
            .map(past -> past.input(Replacement.class))
            .filter(replacement -> replacement.from().equals(name))
            .map(Replacement::instance)
            .collect(Collectors.toSet());
    return left.isEmpty()
        ? List.of(new Location(null, service.url()))
        : instances(service, left, false);
  }

  private static List<Location> instances(
      ServiceTarget service, Set<String> names, boolean contained) {
    return service.instances().stream()
        .filter(instance -> names.contains(instance.name()) == contained)
        .map(instance -> new Location(instance.name(), instance.url()))
        .toList();
  }
}
