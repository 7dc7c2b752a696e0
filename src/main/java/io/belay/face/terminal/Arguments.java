package io.belay.face.terminal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A command line: a command, words, and options {@code --name=value} or {@code --name}.
 *
 * @param words all arguments that are not options, the command first
 */
record Arguments(List<String> words, Map<String, String> options) {

  /** The command line is wrong; the message says why. */
  static final class Wrong extends RuntimeException {
    Wrong(String message) {
      super(message);
    }
  }

  private static final Set<String> SECRETS = Set.of("password", "approver-password", "token");

  static Arguments parse(String... arguments) {
    List<String> words = new ArrayList<>();
    Map<String, String> options = new LinkedHashMap<>();
    for (String argument : arguments) {
      if (!argument.startsWith("--")) {
        words.add(argument);
        continue;
      }
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument.substring(2) : argument.substring(2, equals);
      if (SECRETS.contains(name)) {
        throw new Wrong(
            "--%s: a password on the command line is seen by everybody on this machine; put it into an environment variable and name that with --%s-env=VARIABLE"
                .formatted(name, name));
      }
      if (options.put(name, equals < 0 ? "true" : argument.substring(equals + 1)) != null) {
        throw new Wrong("--%s is given more than once".formatted(name));
      }
    }
    return new Arguments(words, options);
  }

  String command() {
    return words.isEmpty() ? "help" : words.get(0);
  }

  /**
   * @param what the word means, for the error
   */
  String word(int index, String what) {
    if (index >= words.size()) {
      throw new Wrong("%s: which %s?".formatted(command(), what));
    }
    return words.get(index);
  }

  String option(String name, String otherwise) {
    return options.getOrDefault(name, otherwise);
  }

  boolean has(String name) {
    return options.containsKey(name);
  }

  /** The value of the environment variable that an option names. */
  String secret(String option, String variable) {
    String name = option(option, variable);
    String value = System.getenv(name);
    if (value == null || value.isEmpty()) {
      throw new Wrong("the environment variable %s (--%s) is not set".formatted(name, option));
    }
    return value;
  }

  /** Options that are not the client's own, which are parameters of the runbook. */
  Map<String, String> others(Set<String> own) {
    Map<String, String> others = new LinkedHashMap<>(options);
    others.keySet().removeAll(own);
    return others;
  }

  void requireNoOthers(Set<String> own) {
    Map<String, String> others = others(own);
    if (!others.isEmpty()) {
      throw new Wrong("unknown option --" + others.keySet().iterator().next());
    }
  }
}
