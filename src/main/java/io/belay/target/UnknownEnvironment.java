package io.belay.target;

import java.util.List;

/** There is no environment of that name; lists those that exist. */
public class UnknownEnvironment extends TargetException {

  public UnknownEnvironment(String name, List<String> known) {
    super("there is no environment '%s'; there are %s".formatted(name, known));
  }
}
