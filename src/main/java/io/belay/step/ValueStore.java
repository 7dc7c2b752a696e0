package io.belay.step;

import io.belay.target.Environment;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where keys have values. Each value is in the form in which it is stored there. */
public interface ValueStore {

  /** Opens the place that a target of type {@code values} describes. */
  interface Opener {

    /**
     * @param earlier keys of attempts that are over: what is left of their commands is ended first
     */
    ValueStore open(String target, StepContext context, String... earlier) throws IOException;

    /**
     * JSON pointer to the object whose members the keys are; empty where the values are no JSON.
     */
    Optional<String> object(String target, Environment environment);

    /** Why these values must not be set there; connects to nothing. */
    List<String> problems(String target, Map<String, String> values, Environment environment);
  }

  /**
   * @return null for a key that is not there
   * @throws io.belay.target.TargetException when it cannot be told
   */
  Map<String, String> read(Collection<String> keys) throws Exception;

  /** The same as those read them who use them: without quotes. */
  default Map<String, String> plain(Collection<String> keys) throws Exception {
    return read(keys);
  }

  /**
   * Ends what earlier attempts have left, or waits for it: nothing of it changes these keys later.
   *
   * @param written what those attempts wrote
   */
  default void settle(Map<String, String> written) throws Exception {}

  /** How that value is stored. */
  default String stored(String value) {
    return value;
  }

  /**
   * Gives keys these values; safe to repeat.
   *
   * @param values null for a key that must be gone
   */
  void write(Map<String, String> values) throws Exception;
}
