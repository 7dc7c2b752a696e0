package io.belay.gateway;

/**
 * Where the key comes from that keeps a user on one side. At most one of the two is set; with
 * neither, each request is split on its own.
 *
 * @param header name of a request header
 * @param cookie name of a cookie
 */
record Sticky(String header, String cookie) {

  static final Sticky NONE = new Sticky(null, null);
}
