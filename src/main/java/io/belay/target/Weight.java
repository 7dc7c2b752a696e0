package io.belay.target;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.math.BigDecimal;
import java.util.regex.Pattern;

/**
 * The candidate's share of the users' traffic: from 0 to 100 percent in steps of 0.01. JSON, forms
 * and texts give it in percent: {@code 25}, {@code 0.05}.
 */
public record Weight(int hundredths) implements Comparable<Weight> {

  public static final Weight NONE = new Weight(0);
  public static final Weight ALL = new Weight(100_00);
  private static final Pattern PERCENT = Pattern.compile("\\+?\\d{1,9}(\\.\\d{1,9})?");

  /**
   * @throws IllegalArgumentException outside 0 to 100 percent
   */
  public Weight {
    if (hundredths < 0 || hundredths > 100_00) {
      throw new IllegalArgumentException(
          "must be from 0 to 100 percent, but is " + BigDecimal.valueOf(hundredths, 2));
    }
  }

  /**
   * @param percent with two decimals at most
   * @throws IllegalArgumentException naming the rule that it breaks
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Weight of(BigDecimal percent) {
    if (percent.signum() < 0 || percent.compareTo(BigDecimal.valueOf(100)) > 0) {
      throw new IllegalArgumentException("must be from 0 to 100 percent, but is " + percent);
    }
    BigDecimal hundredths = percent.movePointRight(2).stripTrailingZeros();
    if (hundredths.scale() > 0) {
      throw new IllegalArgumentException(
          "must have at most two decimals: a weight has steps of 0.01 percent, but is " + percent);
    }
    return new Weight(hundredths.intValueExact());
  }

  public static Weight of(int percent) {
    return of(BigDecimal.valueOf(percent));
  }

  /**
   * @param percent as a person writes it
   * @throws IllegalArgumentException when it is not such a number
   */
  public static Weight valueOf(String percent) {
    String text = percent.trim();
    if (!PERCENT.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "must be a number of percent such as 25 or 0.05, but is '" + text + "'");
    }
    return of(new BigDecimal(text));
  }

  /** In percent: an integer when it is whole. */
  @JsonValue
  public Number number() {
    if (hundredths % 100 == 0) {
      return hundredths / 100;
    }
    return percent();
  }

  public double percent() {
    return hundredths / 100.0;
  }

  @Override
  public int compareTo(Weight other) {
    return Integer.compare(hundredths, other.hundredths);
  }

  /** In percent, as people read it: {@code 25}, {@code 0.05}. */
  @Override
  public String toString() {
    return number().toString();
  }
}
