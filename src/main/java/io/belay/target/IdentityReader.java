package io.belay.target;

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Asks a target which system it is: one connection, a few milliseconds. Changes nothing. */
public class IdentityReader {

  private final TargetTypes types;

  public IdentityReader(TargetTypes types) {
    this.types = types;
  }

  /** What the environment file alone says; empty for a target that is not a place. */
  public static Optional<TargetIdentity> named(Target target) {
    return target
        .address()
        .map(address -> new TargetIdentity(target.comparedBy(), address, new TreeMap<>()));
  }

  /**
   * @return empty for a target that is not a place
   * @throws TargetException when the system cannot be asked
   */
  public Optional<TargetIdentity> read(Target target) {
    return named(target)
        .map(named -> new TargetIdentity(named.by(), named.address(), facts(target)));
  }

  private SortedMap<String, String> facts(Target target) {
    try {
      return types.of(target).identify(target);
    } catch (TargetException e) {
      throw e;
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new TargetException(
          "%s does not tell which system it is: %s. Nothing was done there; retry when it answers"
              .formatted(target.describe(), e.getMessage()),
          e);
    }
  }
}
