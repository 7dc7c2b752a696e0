package io.belay.target;

import java.util.List;
import java.util.Optional;

/**
 * A named system in an environment. One record per type; the environment file chooses it by {@code
 * type}. Runbooks refer to a target by its name (its role, for example {@code database}), so the
 * same runbook runs against any environment that has a target of that name and type.
 */
public sealed interface Target
    permits PostgresTarget,
        RedisTarget,
        MongoTarget,
        ServiceTarget,
        RouterTarget,
        ConfigurationTarget,
        MigrationTarget,
        CommandTarget,
        WebhookTarget,
        DocumentStoreTarget {

  /** What this target is, for people: never contains a secret. */
  String describe();

  /**
   * What this target is physically: the same for every environment that names the same system,
   * whatever it calls it. A run holds it as long as it lasts. Empty for what is an instruction and
   * no system (a command, a migration) or may be used by many runs (a webhook).
   *
   * @see Leases
   */
  default Optional<String> identity() {
    return Optional.empty();
  }

  /**
   * Where this target is, as the environment file says: the same text for the same place. A run
   * compares it until somebody has asked the system itself, and for ever where a system cannot be
   * asked. Holds no secret. Empty for what is an instruction and no place.
   *
   * @see TargetIdentity
   */
  default Optional<String> address() {
    return identity();
  }

  /** Whether it keeps data that a change could lose, so that a backup is due before one. */
  default boolean holdsData() {
    return false;
  }

  /** The secrets of this target, to be masked wherever text leaves Belay. */
  default List<Secret> secrets() {
    return List.of();
  }
}
