package io.belay.model;

import io.belay.target.Weight;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.boot.convert.DurationStyle;

/**
 * Turns what a user gave for a parameter into the value that the run uses, or says what is wrong.
 */
final class ParameterValues {

  private static final int TEXT_LIMIT = 1000;

  /** As many as a variable holds. */
  private static final int PASSED_LIMIT = 4000;

  private static final Pattern TARGET_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

  private ParameterValues() {}

  /**
   * @throws IllegalArgumentException whose message is the rule that the value breaks
   */
  static Object convert(Parameter parameter, Object given) {
    return switch (parameter.type()) {
      case BOOLEAN -> checked(parameter, bool(given));
      case INTEGER -> within(parameter, number(given)).intValueExact();
      case DECIMAL -> within(parameter, number(given)).doubleValue();
      case DURATION -> duration(parameter, text(given));
      case WEIGHTS -> weights(text(given));
      case CHOICE -> choice(parameter, text(given));
      case ENVIRONMENT, DECISION, FORM -> patterned(parameter, text(given));
      case TARGET -> patterned(parameter, targetName(text(given)));
      case TARGETS -> targetNames(text(given));
      case TEXT -> patterned(parameter, sized(parameter, lines(given)));
      case PROOF -> passed(parameter, given);
      case FILE -> text(given);
    };
  }

  /**
   * A text that a call passes, or that a person pastes: unlike one that a person types, it keeps
   * its lines.
   *
   * @throws IllegalArgumentException whose message is the rule that it breaks
   */
  static String passed(Parameter parameter, Object given) {
    String text = text(given, PASSED_LIMIT, "[\\p{Cc}&&[^\\n\\r\\t]]");
    return patterned(parameter, sized(parameter, text.replace("\r", "")));
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

  private static String duration(Parameter parameter, String given) {
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
    if (parameter.minimum() != null
        && duration.compareTo(Duration.ofSeconds(parameter.minimum().longValue())) < 0) {
      throw new IllegalArgumentException(
          "must be at least " + Duration.ofSeconds(parameter.minimum().longValue()));
    }
    if (duration.compareTo(Duration.ofDays(365)) > 0) {
      throw new IllegalArgumentException("must be at most 365 days");
    }
    return duration.toString();
  }

  private static String weights(String given) {
    List<String> weights = new ArrayList<>();
    Weight previous = Weight.NONE;
    for (String part : given.split(",", -1)) {
      Weight weight;
      try {
        weight = Weight.valueOf(part);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("each weight " + e.getMessage(), e);
      }
      if (weight.equals(Weight.NONE)) {
        throw new IllegalArgumentException("each weight must be at least 0.01, but one is 0");
      }
      if (weight.compareTo(previous) <= 0) {
        throw new IllegalArgumentException(
            "must ascend, but %s comes after %s".formatted(weight, previous));
      }
      previous = weight;
      weights.add(weight.toString());
    }
    if (!previous.equals(Weight.ALL)) {
      throw new IllegalArgumentException("must end with 100");
    }
    return String.join(",", weights);
  }

  private static String targetName(String given) {
    if (!TARGET_NAME.matcher(given).matches()) {
      throw new IllegalArgumentException(
          "must be the name of a target: letters, digits, - and _, 64 characters at most");
    }
    return given;
  }

  private static String targetNames(String given) {
    List<String> names = Arrays.stream(given.split(",", -1)).map(String::trim).toList();
    names.forEach(ParameterValues::targetName);
    if (names.stream().distinct().count() < names.size()) {
      throw new IllegalArgumentException("names a target twice");
    }
    return String.join(",", names);
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
    return text(given, TEXT_LIMIT, "\\p{Cc}");
  }

  private static String text(Object given, int limit, String refused) {
    if (!(given instanceof String text)) {
      throw new IllegalArgumentException("must be a text");
    }
    if (text.length() > limit) {
      throw new IllegalArgumentException("must have at most " + limit + " characters");
    }
    if (Pattern.compile(refused).matcher(text).find()) {
      throw new IllegalArgumentException("must not have control characters");
    }
    return text.trim();
  }
}
