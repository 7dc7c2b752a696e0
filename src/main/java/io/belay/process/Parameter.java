package io.belay.process;

import java.math.BigDecimal;
import java.util.List;

/**
 * A parameter of a runbook, as its start form declares it.
 *
 * @param type of its values
 * @param choices the allowed values; empty when not a choice
 * @param choiceLabels what people read for each of them, in the same order
 * @param defaultValue used when none is given; may be null
 * @param minimum of a number, or of a text's length; may be null
 * @param maximum likewise
 * @param required a required check box must be checked
 * @param pattern regular expression; may be null
 */
public record Parameter(
    String name,
    String label,
    String description,
    Type type,
    boolean required,
    Object defaultValue,
    List<String> choices,
    List<String> choiceLabels,
    BigDecimal minimum,
    BigDecimal maximum,
    String pattern) {

  /** What values a parameter takes. */
  public enum Type {
    /** Name of an environment. */
    ENVIRONMENT,
    /** ISO 8601 ({@code PT30S}, {@code P1D}) or short ({@code 30s}, {@code 24h}); not negative. */
    DURATION,
    /** Percentages, strictly ascending, 1 to 100, separated by commas. */
    WEIGHTS,
    CHOICE,
    INTEGER,
    DECIMAL,
    BOOLEAN,
    TEXT
  }
}
