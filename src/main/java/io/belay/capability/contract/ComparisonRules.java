package io.belay.capability.contract;

import io.belay.target.Secret;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How answers are compared, and how their values are shown.
 *
 * @param headers names of those that are compared, in lower case
 * @param varyingHeaders those of which only the presence is
 * @param values whether values are compared, or the structure only
 * @param mask removes secrets from a text
 */
record ComparisonRules(
    List<String> headers,
    List<String> varyingHeaders,
    PathPatterns varying,
    PathPatterns ignored,
    PathPatterns unordered,
    boolean values,
    UnaryOperator<String> mask) {

  private static final int LONGEST = 200;
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i).*(passw|passphrase|secret|token|credential|authorization|cookie|session|api[-_]?key|private[-_]?key|access[-_]?key|signature|jwt).*"
              + "|(?i)(.*[^a-z])?(auth|pwd|sid|sig|otp|key)([^a-z].*)?");

  /** As in a form's answer or an address. */
  private static final Pattern PAIR = Pattern.compile("([\\w.%-]+)=([^&\\s\"]+)");

  static ComparisonRules of(RequestsTarget target, boolean values, UnaryOperator<String> mask) {
    return new ComparisonRules(
        lowerCase(target.headers()),
        lowerCase(target.varying()),
        PathPatterns.of(target.varying()),
        PathPatterns.of(target.ignored()),
        PathPatterns.of(target.unordered()),
        values,
        mask);
  }

  private static List<String> lowerCase(List<String> names) {
    return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).distinct().toList();
  }

  /** Whether what has that name is probably a secret. */
  static boolean isSecret(String name) {
    return SECRET.matcher(name).matches();
  }

  /**
   * A value, as it may stand in a report.
   *
   * @param names of the value and of what it is in
   */
  String shown(List<String> names, String value) {
    if (names.stream().anyMatch(ComparisonRules::isSecret)) {
      return Secret.MASK;
    }
    String masked =
        PAIR.matcher(mask.apply(value))
            .replaceAll(
                pair ->
                    Matcher.quoteReplacement(
                        isSecret(pair.group(1))
                            ? pair.group(1) + "=" + Secret.MASK
                            : pair.group()));
    return masked.length() <= LONGEST ? masked : masked.substring(0, LONGEST - 1) + "…";
  }
}
