package io.belay.process;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.convert.DurationStyle;

/**
 * Turns what a user gave for a parameter into the value that the run uses, or says what is wrong.
 */
final class ParameterValues {

  private static final int TEXT_LIMIT = 1000;

  private ParameterValues() {}

  /**
   * @throws IllegalArgumentException whose message is the rule that the value breaks
   */
  static Object convert(Parameter parameter, Object given) {
    return switch (parameter.type()) {
      case BOOLEAN -> checked(parameter, bool(given));
      case INTEGER -> within(parameter, number(given)).intValueExact();
      case DECIMAL -> within(parameter, number(given)).doubleValue();
      case DURATION -> duration(text(given));
      case WEIGHTS -> weights(text(given));
      case CHOICE -> choice(parameter, text(given));
      case ENVIRONMENT -> patterned(parameter, text(given));
      case TEXT -> patterned(parameter, sized(parameter, lines(given)));
    };
  }

  private static Boolean bool(Object given) {
    if (given instanceof Boolean value) {
      return value;
    }
    return switch (given.toString()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("must be true or false");
    };
  }

  private static Boolean checked(Parameter parameter, boolean value) {
    if (parameter.required() && !value) {
      throw new IllegalArgumentException("must be confirmed");
    }
    return value;
  }

  private static BigDecimal number(Object given) {
    if (given instanceof Number || given instanceof String) {
      try {
        BigDecimal number = new BigDecimal(given.toString().trim());
        if (Math.abs((long) number.scale()) <= 20 && number.precision() <= 20) {
          return number;
        }
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("must be a number", e);
      }
    }
    throw new IllegalArgumentException("must be a number");
  }

  private static BigDecimal within(Parameter parameter, BigDecimal number) {
    if (parameter.type() == Parameter.Type.INTEGER && number.stripTrailingZeros().scale() > 0) {
      throw new IllegalArgumentException("must be a whole number");
    }
    if (number.abs().compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException("is too large");
    }
    if (parameter.minimum() != null && number.compareTo(parameter.minimum()) < 0) {
      throw new IllegalArgumentException("must be at least " + parameter.minimum().toPlainString());
    }
    if (parameter.maximum() != null && number.compareTo(parameter.maximum()) > 0) {
      throw new IllegalArgumentException("must be at most " + parameter.maximum().toPlainString());
    }
    return number;
  }

  private static String duration(String given) {
    Duration duration;
    try {
      duration = DurationStyle.detectAndParse(given);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "must be a duration such as PT30S, P1D, 30s, 5m or 24h", e);
    }
    if (duration.isNegative()) {
      throw new IllegalArgumentException("must not be negative");
    }
    if (duration.compareTo(Duration.ofDays(365)) > 0) {
      throw new IllegalArgumentException("must be at most 365 days");
    }
    return duration.toString();
  }

  private static String weights(String given) {
    List<String> weights = new ArrayList<>();
    int previous = 0;
    for (String part : given.split(",", -1)) {
      int weight;
      try {
        weight = Integer.parseInt(part.trim());
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("must be whole numbers separated by commas", e);
      }
      if (weight < 1 || weight > 100) {
        throw new IllegalArgumentException(
            "each weight must be from 1 to 100, but one is " + weight);
      }
      if (weight <= previous) {
        throw new IllegalArgumentException(
            "must ascend, but %d comes after %d".formatted(weight, previous));
      }
      previous = weight;
      weights.add(Integer.toString(weight));
    }
    if (previous != 100) {
      throw new IllegalArgumentException("must end with 100");
    }
    return String.join(",", weights);
  }

  private static String choice(Parameter parameter, String given) {
    if (!parameter.choices().contains(given)) {
      throw new IllegalArgumentException("must be one of " + parameter.choices());
    }
    return given;
  }

  private static String patterned(Parameter parameter, String given) {
    if (parameter.pattern() != null && !given.matches(parameter.pattern())) {
      throw new IllegalArgumentException("must match " + parameter.pattern());
    }
    return given;
  }

  private static String sized(Parameter parameter, String text) {
    if (parameter.minimum() != null && text.length() < parameter.minimum().intValue()) {
      throw new IllegalArgumentException(
          "must have at least %s characters".formatted(parameter.minimum()));
    }
    if (parameter.maximum() != null && text.length() > parameter.maximum().intValue()) {
      throw new IllegalArgumentException(
          "must have at most %s characters".formatted(parameter.maximum()));
    }
    return text;
  }

  /** A text that may have several lines. */
  private static String lines(Object given) {
    return text(given instanceof String text ? text.replaceAll("[\\r\\n\\t]+", " ") : given);
  }

  private static String text(Object given) {
    if (!(given instanceof String text)) {
      throw new IllegalArgumentException("must be a text");
    }
    if (text.length() > TEXT_LIMIT) {
      throw new IllegalArgumentException("must have at most " + TEXT_LIMIT + " characters");
    }
    if (text.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("must not have control characters");
    }
    return text.trim();
  }
}
