package io.belay.target;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A named system in an environment. One record per {@link TargetType}; the environment file chooses
 * it by {@code type}. Runbooks refer to a target by its name (its role, for example {@code
 * database}), so the same runbook runs against any environment that has a target of that name and
 * type.
 */
public interface Target {

  /** What this target is, for people, without secrets. */
  String describe();

  /**
   * What this target is physically: the same for every environment that names the same system,
   * under whatever name. A run holds it until it ends. Empty for an instruction (a command, a
   * migration), which is no system, and for what many runs may use (a webhook).
   *
   * @see Leases
   */
  default Optional<String> identity() {
    return Optional.empty();
  }

  /**
   * Where this target is, as the environment file says: the same text for the same place. A run
   * compares it until somebody has asked the system itself, and always if the system cannot be
   * asked. Holds no secret. Empty for an instruction, which is no place.
   *
   * @see TargetIdentity
   */
  default Optional<String> address() {
    return identity();
  }

  /** How two targets are told apart once the systems themselves have been asked. */
  default TargetIdentity.By comparedBy() {
    return TargetIdentity.By.ADDRESS;
  }

  /** Names of further targets that a step on this one also changes. */
  default List<String> alsoChanged() {
    return List.of();
  }

  /** Whether its settings decide what a step does, so that an approval covers all of them. */
  default boolean isInstruction() {
    return false;
  }

  /**
   * Files and directories that decide what is done with the target, besides those that its commands
   * name.
   */
  default List<Path> reads() {
    return List.of();
  }

  /** Whether it holds data that a change could lose, so that a backup must come first. */
  default boolean holdsData() {
    return false;
  }

  /** The secrets of this target, which are masked in all text that leaves Belay. */
  default List<Secret> secrets() {
    return List.of();
  }
}
