package io.belay.target;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

/** A server that answers over HTTP. */
public interface WebTarget extends Target {

  /** Without a trailing slash. */
  URI url();

  /** Time limit for one request, from the first byte sent to the last byte read. */
  Duration timeout();

  /** Sent with each request, credentials among them. */
  default Map<String, Secret> headers() {
    return Map.of();
  }
}
