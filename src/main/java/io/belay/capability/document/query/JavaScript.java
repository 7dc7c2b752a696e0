package io.belay.capability.document.query;

import java.math.BigDecimal;

/** Numbers as in JavaScript, where all are doubles. */
public final class JavaScript {

  private static final int EXACT_DIGITS = 15;

  private JavaScript() {}

  /** The number as a JavaScript string; null for zero, which JavaScript considers false. */
  public static String truthy(String number) {
    if (number.length() <= EXACT_DIGITS && number.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return number.equals("0") ? null : number;
    }
    double value = Double.parseDouble(number);
    return value == 0 ? null : string(value);
  }

  public static String string(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "Infinity" : "-Infinity";
    }
    BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    double size = Math.abs(value);
    if (size >= 1e-6 && size < 1e21) {
      return decimal.toPlainString();
    }
    String digits = decimal.unscaledValue().abs().toString();
    int exponent = decimal.precision() - decimal.scale() - 1;
    return (value < 0 ? "-" : "")
        + digits.charAt(0)
        + (digits.length() > 1 ? "." + digits.substring(1) : "")
        + "e"
        + (exponent < 0 ? "-" : "+")
        + Math.abs(exponent);
  }
}
