package io.belay.playground;

import java.util.Map;

/** Something real for a run to act on, that can be broken, looked at, and put back. */
public interface Scene {

  /** Breaks something. */
  void fault(Fault fault);

  /** Takes all causes away. */
  void repair();

  /**
   * Brings everything back to the beginning, whatever was done to it.
   *
   * @throws IllegalStateException naming what still differs
   */
  void reset();

  /** What it is like now. */
  WorldFingerprint fingerprint();

  /** What the environment {@code playground} refers to. */
  Map<String, String> properties();
}
