package io.belay.step;

/** What a gate says. Only {@link #PASS} lets a run go on. */
public enum Verdict {
  PASS,
  FAIL,
  INCONCLUSIVE,
  NO_DATA
}
