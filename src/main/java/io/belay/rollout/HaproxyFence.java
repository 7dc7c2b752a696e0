package io.belay.rollout;

import io.belay.target.RouterTarget;
import io.belay.target.TargetException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * HAProxy remembers the highest fencing number that changed a backend, in a variable of its process
 * ({@code proc.belay_fence_<backend>}), so that an attempt that was replaced is refused whatever it
 * believes of itself.
 *
 * <p>HAProxy knows no conditional writes: between the question and the change lies the time of two
 * commands. The variable is lost with a restart. HAProxy before 2.4 has none; there nothing is
 * fenced. To set it counts as experimental there, which {@code show info} tells as {@code Tainted}.
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

  /** A variable's name has letters, digits and underscores only. */
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
   * To be called right before a change.
   *
   * @param fence 0 for none
   * @throws TargetException when a higher one was here; nothing was changed
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
