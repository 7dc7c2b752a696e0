package io.belay.target;

/** Takes live progress of long work. Calls are cheap; the receiver thins them out. */
@FunctionalInterface
public interface Progress {

  /** Goes nowhere. */
  Progress NONE = (done, total, unit, message) -> {};

  /**
   * @param done work done so far, in {@code unit}
   * @param total all work, in {@code unit}; 0 or less when unknown
   * @param unit for example {@code bytes}, {@code rows}, {@code samples}
   * @param message what is being worked on; must not carry secrets
   */
  void report(long done, long total, String unit, String message);
}
