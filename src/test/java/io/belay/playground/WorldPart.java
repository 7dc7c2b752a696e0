package io.belay.playground;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;

/**
 * A part of the world that only the runbooks of one environment need. It is there from the
 * beginning by name and address; its processes come up when a run needs them.
 */
interface WorldPart extends Closeable {

  /** Name of the environment whose targets it is. */
  String environment();

  /** What the environment's file refers to; known before it is open. */
  Map<String, String> properties();

  /** Starts it; does nothing when it is open. */
  void open() throws Exception;

  boolean isOpen();

  /** Causes a fault of its own. */
  void cause(Fault fault) throws IOException;

  /** Takes the causes of its faults away. */
  void repair() throws IOException;

  /** Brings it back to the beginning. */
  void reset() throws Exception;

  /** Adds what it is like now. */
  void describe(SortedMap<String, String> facts) throws Exception;

  /** Adds what was done to it. */
  void count(SortedMap<String, Long> effects) throws Exception;
}
