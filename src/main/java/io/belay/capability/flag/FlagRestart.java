package io.belay.capability.flag;

import io.belay.command.Commands;
import io.belay.step.StepContext;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.util.HashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Makes the application read a flag again. */
@Component
final class FlagRestart {

  private final Commands commands;

  FlagRestart(Commands commands) {
    this.commands = commands;
  }

  /**
   * Ends restarts that were broken off, right before the flag changes. What a whole restart has
   * started is the application, and goes on.
   *
   * @param steps keys of attempts that are over and whose end is not known
   */
  void endLeft(FlagTarget flag, String... steps) {
    if (flag.restart() != null) {
      for (String step : steps) {
        commands.endLeft(mark(step, flag));
      }
    }
  }

  /** Of this flag only: the same step may have started another flag's application. */
  private static String mark(String step, FlagTarget flag) {
    return step + "/" + flag.name();
  }

  void run(FlagTarget flag, StepContext context) {
    if (flag.restart() == null) {
      return;
    }
    context.cancellation().throwIfCancelled();
    Map<String, Secret> environment = new HashMap<>(context.commandEnvironment());
    environment.put(Commands.MARK, Secret.of(mark(context.stepKey(), flag)));
    Commands.Result result =
        commands.run(flag.restart(), environment, context.cancellation(), context.commandLog());
    if (!result.succeeded()) {
      throw new TargetException(
          "%s is set, but '%s' ended with exit code %d, so the application may still have the former value. The next attempt runs it again"
              .formatted(flag.describe(), flag.restart(), result.exitCode()));
    }
  }
}
