package io.belay.model;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Texts and labels of forms that a variable holds: {@code =question}, as Tasklist reads it. */
public final class FormText {

  private static final Pattern VARIABLE = Pattern.compile("\\s*=\\s*([A-Za-z][A-Za-z0-9_]*)\\s*");

  private FormText() {}

  /** The variable whose value the text is; empty for any other text. */
  public static Optional<String> variable(String text) {
    Matcher variable = VARIABLE.matcher(text);
    return variable.matches() ? Optional.of(variable.group(1)) : Optional.empty();
  }

  /** The text that a person reads; empty when it is null or blank. */
  public static Optional<String> of(Object value) {
    return Optional.ofNullable(value).map(Object::toString).filter(text -> !text.isBlank());
  }
}
