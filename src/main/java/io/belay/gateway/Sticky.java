package io.belay.gateway;

/**
 * The source of the key that keeps a user on one side. At most one of header and cookie is set;
 * with neither, each request is split on its own.
 *
 * @param header name of a request header
 * @param cookie name of a cookie
 * @param shared whether all routes split users alike; if not, each route splits them independently
 */
record Sticky(String header, String cookie, boolean shared) {

  boolean isOn() {
    return header != null || cookie != null;
  }

  static final Sticky NONE = new Sticky(null, null, false);
}
