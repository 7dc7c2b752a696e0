package io.belay.capability.rollout;

import io.belay.target.Command;
import io.belay.target.ServiceTarget;
import io.belay.target.TargetException;
import java.net.URI;
import java.time.Duration;

/**
 * A process that can be started and stopped: a service, or one instance of it.
 *
 * @param name for people
 * @param startTimeout time limit from start to healthy
 * @param timeout time limit of one health probe
 */
record ServiceProcess(
    String name,
    URI url,
    String health,
    Command start,
    Command stop,
    Command running,
    Duration startTimeout,
    Duration timeout) {

  static ServiceProcess of(String name, ServiceTarget service) {
    return new ServiceProcess(
        name,
        service.url(),
        service.health(),
        service.start(),
        service.stop(),
        service.running(),
        service.startTimeout(),
        service.timeout());
  }

  /**
   * @throws TargetException when there is no such instance, or it has no {@code running} command,
   *     so that Belay could not distinguish the old and the new version
   */
  static ServiceProcess of(String name, ServiceTarget service, String instance) {
    ServiceTarget.Instance found =
        service.instances().stream()
            .filter(candidate -> candidate.name().equals(instance))
            .findFirst()
            .orElseThrow(
                () ->
                    new TargetException(
                        "service '%s' has no instance '%s'; it has %s"
                            .formatted(
                                name,
                                instance,
                                service.instances().stream()
                                    .map(ServiceTarget.Instance::name)
                                    .toList())));
    if (found.running() == null) {
      throw new TargetException(
          "instance '%s' of service '%s' has no 'running' command; without it nobody can tell whether the old or the new version answers"
              .formatted(instance, name));
    }
    return new ServiceProcess(
        name + "/" + instance,
        found.url(),
        service.health(),
        found.start(),
        found.stop(),
        found.running(),
        service.startTimeout(),
        service.timeout());
  }
}
