package io.belay.capability.change;

import io.belay.capability.change.CheckedChange.Seen;
import io.belay.capability.change.CheckedChange.State;
import io.belay.command.Commands;
import io.belay.command.Place;
import io.belay.step.Expectations;
import io.belay.step.StepContext;
import io.belay.target.Command;
import io.belay.target.CommandTarget;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.util.HashMap;
import java.util.Map;

/** The commands of one target at one place, run for one attempt of a step. */
final class CommandChange implements CheckedChange.Way {

  private static final int LAST = 300;

  private final Place place;
  private final String name;
  private final CommandTarget target;
  private final Map<String, Secret> environment;
  private final StepContext context;

  /**
   * @param name of the target
   * @param parameters environment variables for its commands
   */
  CommandChange(Place place, String name, Map<String, String> parameters, StepContext context) {
    this.place = place;
    this.name = name;
    this.target = context.target(name, CommandTarget.class);
    this.context = context;
    this.environment = new HashMap<>(context.commandEnvironment());
    parameters.forEach((key, value) -> environment.put(key, Secret.of(value)));
  }

  @Override
  public Seen check() {
    Commands.Answer answer = place.ask(target.check(), environment, context.cancellation());
    String said = lastOf(answer.output().isBlank() ? answer.errors() : answer.output());
    State state =
        switch (answer.exitCode()) {
          case 0 -> State.DONE;
          case 1 -> State.NOT_DONE;
          case 2 -> State.HALF;
          default ->
              throw new TargetException(
                  "whether the change '%s'%s is in place is not known: '%s' ended with exit code %d (0 means in place, 1 not, 2 half). Its last output: %s"
                      .formatted(name, place.on(), target.check(), answer.exitCode(), said));
        };
    context.log("'%s'%s is %s%s", name, place.on(), state, said.isEmpty() ? "" : ": " + said);
    return new Seen(
        state, new Expectations.Answer(answer.exitCode(), answer.output(), answer.whole()));
  }

  @Override
  public void apply() {
    run("apply", target.apply());
  }

  @Override
  public void revert() {
    run("revert", target.revert());
  }

  private void run(String verb, Command command) {
    Commands.Result result =
        place.run(command, environment, context.cancellation(), context.commandLog());
    if (!result.succeeded()) {
      throw new TargetException(
          "'%s' of '%s'%s ended with exit code %d: '%s'. What it did until then is still there; the next attempt checks it first. Its last output: %s"
              .formatted(
                  verb, name, place.on(), result.exitCode(), command, lastOf(result.output())));
    }
  }

  /** The end of what a command printed. */
  static String lastOf(String output) {
    String text = output.strip();
    return text.length() <= LAST ? text : "…" + text.substring(text.length() - LAST);
  }
}
