package io.belay.gateway;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.math.BigDecimal;

/**
 * Sends the requests below a path to two backends.
 *
 * @param path prefix that ends at a segment border: {@code /api} matches {@code /api} and {@code
 *     /api/x}, not {@code /apix}; {@code /} matches all
 * @param baseline name of the old version's backend
 * @param candidate name of the new version's backend
 * @param weight share of the requests that the candidate gets: 0 to 100 percent, in steps of 0.01
 * @param atZero what a weight of 0 means for users who are on the candidate; null means {@code
 *     cut}, which is always written as null
 */
record Route(
    String path,
    String baseline,
    String candidate,
    BigDecimal weight,
    @JsonInclude(JsonInclude.Include.NON_NULL) AtZero atZero) {

  /** For users who are on the candidate when its weight becomes 0. */
  enum AtZero {
    /** All go to the baseline at once, as after a failure. */
    @JsonProperty("cut")
    CUT,
    /** They stay until they leave by themselves; nobody else is sent there. */
    @JsonProperty("drain")
    DRAIN
  }

  private static final BigDecimal ALL = BigDecimal.valueOf(100);

  /** Normalises the weight, so that equal weights are written alike: {@code 25}, {@code 0.05}. */
  Route {
    atZero = atZero == AtZero.CUT ? null : atZero;
    weight = weight == null ? BigDecimal.ZERO : weight;
    if (isWeight(weight)) {
      weight = BigDecimal.valueOf(hundredths(weight), 2).stripTrailingZeros();
      weight = weight.scale() < 0 ? weight.setScale(0) : weight;
    }
  }

  /** Whether users who are on the candidate stay there at weight 0. */
  boolean drains() {
    return atZero == AtZero.DRAIN;
  }

  /** Whether the weight can be expressed in hundredths of a percent. */
  boolean hasWeight() {
    return isWeight(weight);
  }

  private static boolean isWeight(BigDecimal weight) {
    return weight.signum() >= 0
        && weight.compareTo(ALL) <= 0
        && weight.stripTrailingZeros().scale() <= 2;
  }

  /** The weight in hundredths of a percent, 0 to 10,000. */
  int hundredths() {
    return hundredths(weight);
  }

  private static int hundredths(BigDecimal weight) {
    return weight.movePointRight(2).intValueExact();
  }

  boolean matches(String requestPath) {
    if (path.equals("/") || requestPath.equals(path)) {
      return true;
    }
    return requestPath.startsWith(path.endsWith("/") ? path : path + "/");
  }

  String backend(Side side) {
    return side == Side.CANDIDATE ? candidate : baseline;
  }
}
