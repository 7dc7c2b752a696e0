package io.belay.target;

/** Receives live progress of long work. Calls are cheap; the receiver throttles them. */
@FunctionalInterface
public interface Progress {

  /** Ignores all reports. */
  Progress NONE = (done, total, unit, message) -> {};

  /**
   * @param done work done so far, in {@code unit}
   * @param total all work, in {@code unit}; 0 or less when unknown
   * @param unit for example {@code bytes}, {@code rows}, {@code samples}
   * @param message what is being worked on; must not carry secrets
   */
  void report(long done, long total, String unit, String message);
}
