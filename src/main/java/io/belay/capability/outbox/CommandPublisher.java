package io.belay.capability.outbox;

import io.belay.command.Commands;
import io.belay.step.Expectations;
import io.belay.step.StepContext;
import io.belay.target.CommandTarget;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a command for each event, with the event on its standard input.
 *
 * @param source of the events
 * @param expected what the command must answer
 */
record CommandPublisher(
    Commands commands,
    CommandTarget target,
    String source,
    Expectations expected,
    StepContext context)
    implements Publisher {

  private static final int LAST = 200;

  @Override
  public Answer publish(Event event) throws Exception {
    Map<String, Secret> environment = new HashMap<>(context.commandEnvironment());
    environment.put(Commands.MARK, Secret.of(context.stepKey()));
    byte[] line = (event.cloudEvent(source) + "\n").getBytes(StandardCharsets.UTF_8);
    Commands.Result result;
    try {
      result =
          commands.runWriting(
              target.run(), environment, context.cancellation(), in -> in.write(line));
    } catch (TargetException e) {
      context.cancellation().throwIfCancelled();
      return Answer.unanswered(e.getMessage());
    } catch (IOException e) {
      context.cancellation().throwIfCancelled();
      return Answer.refused("it ended without reading the event");
    }
    List<String> unmet =
        expected.unmet(new Expectations.Answer(result.exitCode(), result.output(), true));
    if (unmet.isEmpty()) {
      return Answer.PUBLISHED;
    }
    String output = result.output().strip();
    String last = output.substring(Math.max(0, output.length() - LAST));
    return Answer.refused(
        String.join("; ", unmet) + (last.isEmpty() ? "" : ". Its last output: " + last));
  }
}
