package io.belay.gateway;

/**
 * Sends the requests below a path to two backends.
 *
 * @param path prefix that ends at a segment border: {@code /api} matches {@code /api} and {@code
 *     /api/x}, not {@code /apix}; {@code /} matches all
 * @param baseline name of the old version's backend
 * @param candidate name of the new version's backend
 * @param weight share of the requests that the candidate gets, in percent, 0 to 100
 */
record Route(String path, String baseline, String candidate, int weight) {

  boolean matches(String requestPath) {
    if (path.equals("/") || requestPath.equals(path)) {
      return true;
    }
    return requestPath.startsWith(path.endsWith("/") ? path : path + "/");
  }

  String backend(Side side) {
    return side == Side.CANDIDATE ? candidate : baseline;
  }

  String describe() {
    return "%s: %d %% to %s, the rest to %s".formatted(path, weight, candidate, baseline);
  }
}
