package io.belay.step;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A comparison with a wanted value: numeric when both are numbers; otherwise only {@code =} and
 * {@code !=} apply.
 *
 * @param operator one of {@code = != < <= > >=}
 */
public record Comparison(String operator, String wanted) {

  private static final Pattern SHAPE = Pattern.compile("(=|!=|<=|>=|<|>)\\s*(\\S.*)");
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d{1,3})?");

  /**
   * @throws IllegalArgumentException naming the rule, when the text is no comparison
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Comparison valueOf(String text) {
    Matcher parts = SHAPE.matcher(text.strip());
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "'%s' is no comparison; it must be one of = != < <= > >= and a value, such as '<= 5'"
              .formatted(text.strip()));
    }
    Comparison comparison = new Comparison(parts.group(1), parts.group(2).strip());
    if (comparison.isOrder() && !isNumber(comparison.wanted)) {
      throw new IllegalArgumentException(
          "'%s' compares with '%s', which is no number".formatted(text.strip(), comparison.wanted));
    }
    return comparison;
  }

  /** Whether the comparison holds; false for a text where a number is wanted. */
  public boolean holdsFor(String seen) {
    if (isNumber(seen) && isNumber(wanted)) {
      int order = new BigDecimal(seen).compareTo(new BigDecimal(wanted));
      return switch (operator) {
        case "=" -> order == 0;
        case "!=" -> order != 0;
        case "<" -> order < 0;
        case "<=" -> order <= 0;
        case ">" -> order > 0;
        default -> order >= 0;
      };
    }
    return switch (operator) {
      case "=" -> seen.equals(wanted);
      case "!=" -> !seen.equals(wanted) && !isNumber(wanted);
      default -> false;
    };
  }

  public static boolean isNumber(String text) {
    return NUMBER.matcher(text).matches();
  }

  private boolean isOrder() {
    return !operator.equals("=") && !operator.equals("!=");
  }

  @JsonValue
  @Override
  public String toString() {
    return operator + " " + wanted;
  }
}
