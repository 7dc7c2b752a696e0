package io.belay.target;

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A kind of system that an environment file can name by {@code type}. Each is a Spring bean, in the
 * capability that works on it or in an extension; {@link TargetTypes} knows them all.
 *
 * <p>The record defines what the file may contain: {@code @DefaultValue} and Bean Validation
 * annotations on its components, and {@link Described} for what they mean.
 *
 * @param <T> the record that the settings are bound to
 */
public interface TargetType<T extends Target> {

  /** The value of {@code type} in an environment file: lower case, words joined by dashes. */
  String name();

  /** The record that the settings are bound to. */
  Class<T> settings();

  /**
   * Adds problems of settings that are each valid but do not go together. Rules on durations and
   * commands hold for all types and are checked elsewhere.
   */
  default void check(T target, SettingRules rules) {}

  /**
   * Asks the system which one it is: facts by name that stay the same while it is the same system.
   * Changes nothing. Used for targets that are not compared by their address alone.
   *
   * @see Target#comparedBy()
   * @throws Exception when the system cannot be asked
   */
  default SortedMap<String, String> identify(T target) throws Exception {
    return new TreeMap<>();
  }

  /**
   * Checks that the system is there, lets Belay in and answers, over its own protocol and within
   * the target's time-outs.
   *
   * @return what the system says of itself; empty when a target of this type cannot be asked
   * @throws Exception when it is not there or not ready
   */
  default Optional<Version> probe(T target) throws Exception {
    return Optional.empty();
  }

  /**
   * What an answering system says of itself.
   *
   * @param found its version; empty when it reports none
   * @param minimum the lowest major version that will do; 0 when any will
   */
  record Version(String found, int minimum) {

    /** For a system whose version does not matter. */
    public static final Version ANY = new Version("", 0);
  }
}
