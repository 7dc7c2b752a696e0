package io.belay.capability.rollout;

import io.belay.target.RouterTarget;
import io.belay.target.TargetException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stores the highest fencing number that changed a backend in a variable of HAProxy's process
 * ({@code proc.belay_fence_<backend>}), so that a replaced attempt is refused even if it does not
 * know.
 *
 * <p>HAProxy has no conditional writes: a gap of two commands remains between check and change. A
 * restart loses the variable. HAProxy before 2.4 has no such variables; there nothing is fenced.
 * HAProxy considers setting it experimental and reports {@code Tainted} in {@code show info}.
 */
final class HaproxyFence {

  private static final Pattern NUMBER = Pattern.compile("value=<(\\d+)>");

  private final RouterTarget target;
  private final HaproxyRuntime runtime;
  private final String variable;

  HaproxyFence(RouterTarget target, HaproxyRuntime runtime) {
    this.target = target;
    this.runtime = runtime;
    this.variable = "proc.belay_fence_" + name(target.backend());
  }

  /** The variable's name, which allows letters, digits and underscores only. */
  private static String name(String backend) {
    StringBuilder name = new StringBuilder();
    backend
        .chars()
        .forEach(
            c ->
                name.append(
                    c < 128 && Character.isLetterOrDigit(c)
                        ? String.valueOf((char) c)
                        : "_%x".formatted(c)));
    return name.toString();
  }

  /**
   * Call right before a change.
   *
   * @param fence 0 for none
   * @throws TargetException when a higher number is stored; nothing was changed
   */
  void claim(long fence) {
    if (fence <= 0) {
      return;
    }
    String answer = runtime.ask("get var " + variable).strip();
    if (answer.startsWith("Unknown command")) {
      return;
    }
    Matcher found = NUMBER.matcher(answer);
    long seen = found.find() ? Long.parseLong(found.group(1)) : 0;
    if (seen > fence) {
      throw new TargetException(
          "%s was changed by a later attempt, or a later run (fencing number %d, this one has %d); this one changed nothing. If Belay's database is a new one, tell HAProxy 'experimental-mode on; set var %s int(0)', then retry"
              .formatted(target.describe(), seen, fence, variable));
    }
    if (seen < fence) {
      runtime.tell("experimental-mode on; set var %s int(%d)".formatted(variable, fence));
    }
  }
}
