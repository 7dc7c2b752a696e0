package io.belay.capability.check;

/**
 * How much of what was offered to a service it has processed. Measured per offered unit, so that a
 * service with 10 % of the traffic compares fairly with one that has 90 %.
 *
 * @param service name of the service target
 * @param basis what the units are: messages received, requests routed to it, or its own requests
 * @param offered units in the window
 * @param processed messages in the window
 */
record Processing(String service, String basis, double offered, double processed) {

  /** NaN when nothing was offered: that says nothing about the service. */
  double ratio() {
    return offered > 0 ? processed / offered : Double.NaN;
  }

  /** Whether it tells something that can be compared with the other. */
  boolean comparableWith(Processing other) {
    return basis.equals(other.basis()) && !Double.isNaN(ratio());
  }
}
