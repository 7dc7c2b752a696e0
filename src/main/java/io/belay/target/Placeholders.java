package io.belay.target;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Fills in {@code ${NAME}}, {@code ${NAME:default}} and {@code ${file:/path}}. The values are not
 * expanded again: a password that contains {@code ${…}} stays as it is.
 */
final class Placeholders {

  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}]*)}");

  private final Function<String, Optional<String>> variables;

  Placeholders(ConfigurableEnvironment settings) {
    this.variables = name -> lookUp(settings, name);
  }

  private static Optional<String> lookUp(ConfigurableEnvironment settings, String name) {
    for (PropertySource<?> source : settings.getPropertySources()) {
      Object value = SecretFiles.isFile(name) ? null : source.getProperty(name);
      if (value != null) {
        UnaryOperator<String> fill =
            source instanceof SystemEnvironmentPropertySource
                ? UnaryOperator.identity()
                : settings::resolvePlaceholders;
        return Optional.of(fill.apply(value.toString()));
      }
    }
    return Optional.empty();
  }

  /**
   * @throws IllegalArgumentException naming the variable or file that is missing, without values
   */
  String resolve(String text) {
    String resolved = PLACEHOLDER.matcher(text).replaceAll(this::value);
    if (PLACEHOLDER.matcher(text).replaceAll("").contains("${")) {
      throw new IllegalArgumentException("'${' is never closed by '}'");
    }
    return resolved;
  }

  private String value(MatchResult match) {
    String name = match.group(1);
    if (name.contains("${")) {
      throw new IllegalArgumentException("a ${…} cannot stand inside another");
    }
    if (SecretFiles.isFile(name)) {
      return Matcher.quoteReplacement(SecretFiles.read(name));
    }
    int colon = name.indexOf(':');
    String variable = colon < 0 ? name : name.substring(0, colon);
    Optional<String> value = variables.apply(variable);
    if (value.isEmpty() && colon < 0) {
      throw new IllegalArgumentException("the variable %s is not set".formatted(variable));
    }
    return Matcher.quoteReplacement(value.orElse(name.substring(colon + 1)));
  }
}
