package io.belay.model;

import java.math.BigDecimal;
import java.util.List;
import org.springframework.lang.Nullable;

/**
 * A parameter of a runbook, as its start form declares it, or an input of a phase, as its start
 * event declares it.
 *
 * @param type of its values
 * @param choices the allowed values; empty when not a choice
 * @param choiceLabels labels of the choices, in the same order
 * @param defaultValue used when none is given; may be null
 * @param minimum of a number, of a text's length, or of a duration in seconds; may be null
 * @param maximum likewise
 * @param required a required check box must be checked
 * @param pattern regular expression; may be null
 * @param kinds of the target that it names; empty for any
 */
public record Parameter(
    String name,
    String label,
    String description,
    Type type,
    boolean required,
    @Nullable Object defaultValue,
    List<String> choices,
    List<String> choiceLabels,
    @Nullable BigDecimal minimum,
    @Nullable BigDecimal maximum,
    @Nullable String pattern,
    List<String> kinds) {

  /** Whether its values are names of targets. */
  public boolean namesTargets() {
    return type == Type.TARGET || type == Type.TARGETS;
  }

  /** Whether it shows what a person did; only the form of a user task asks for that. */
  public boolean isProof() {
    return type == Type.PROOF || type == Type.FILE;
  }

  Parameter labelled(String other) {
    return new Parameter(
        name,
        other,
        description,
        type,
        required,
        defaultValue,
        choices,
        choiceLabels,
        minimum,
        maximum,
        pattern,
        kinds);
  }

  /** What values a parameter takes. */
  public enum Type {
    /** Name of an environment. */
    ENVIRONMENT,
    /** ISO 8601 ({@code PT30S}, {@code P1D}) or short ({@code 30s}, {@code 24h}); not negative. */
    DURATION,
    /** Percentages in steps of 0.01, strictly ascending to 100, separated by commas. */
    WEIGHTS,
    CHOICE,
    INTEGER,
    DECIMAL,
    BOOLEAN,
    /** Name of a target of the environment. */
    TARGET,
    /** Names of targets, separated by commas; may be none. */
    TARGETS,
    /** Id of a decision table of the runbook's set of models. */
    DECISION,
    /** Id of a form of that set. */
    FORM,
    TEXT,
    /** Text that a person pastes as the proof of a task; it keeps its lines. */
    PROOF,
    /** Artifact that was uploaded as the proof of a task. Only an upload sets it. */
    FILE
  }
}
