package io.belay.target;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Compares the parameters that a step gives with those that the target takes. */
public final class GivenParameters {

  /**
   * Environment variables that decide which code runs, so that no parameter may have their name.
   */
  private static final Set<String> RESERVED =
      Set.of(
          "PATH",
          "HOME",
          "USER",
          "LOGNAME",
          "LANG",
          "LANGUAGE",
          "TZ",
          "TMPDIR",
          "IFS",
          "ENV",
          "BASH_ENV",
          "SHELL",
          "SHELLOPTS",
          "PYTHONPATH",
          "PERL5LIB",
          "PERL5OPT",
          "RUBYOPT",
          "NODE_OPTIONS",
          "JAVA_TOOL_OPTIONS");

  private GivenParameters() {}

  /** Adds what is wrong with a target's declaration of parameters. */
  static void check(Map<String, String> taken, SettingRules rules) {
    taken.forEach(
        (name, pattern) -> {
          rules.require(
              name.matches("[A-Z][A-Z0-9_]*") && !isReserved(name),
              "parameters." + name,
              "must be a name of capital letters, digits and _, and none that the system, a loader or Belay reads");
          rules.require(isPattern(pattern), "parameters." + name, "must be a regular expression");
        });
  }

  private static boolean isReserved(String name) {
    return name.startsWith("BELAY_")
        || name.startsWith("LD_")
        || name.startsWith("LC_")
        || RESERVED.contains(name);
  }

  private static boolean isPattern(String text) {
    try {
      Pattern.compile(text);
      return true;
    } catch (PatternSyntaxException e) {
      return false;
    }
  }

  /**
   * @param target its type and name, for people
   * @param taken names, each with the regular expression that its whole value must match
   * @return rules that do not hold; empty when the values may be used
   */
  public static List<String> problems(
      String target, Map<String, String> taken, Map<String, String> given) {
    List<String> problems = new ArrayList<>();
    given.forEach(
        (name, value) -> {
          String pattern = taken.get(name);
          if (pattern == null) {
            problems.add(
                "%s takes no parameter '%s'; its 'parameters' are %s"
                    .formatted(target, name, taken.keySet()));
          } else if (!value.matches(pattern)) {
            problems.add(
                "parameter '%s' of %s is '%s', which does not match '%s'"
                    .formatted(name, target, value, pattern));
          }
        });
    taken.keySet().stream()
        .filter(name -> !given.containsKey(name))
        .forEach(name -> problems.add("%s needs the parameter '%s'".formatted(target, name)));
    return problems;
  }
}
