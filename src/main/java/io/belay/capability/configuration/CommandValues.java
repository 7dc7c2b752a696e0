package io.belay.capability.configuration;

import io.belay.command.Commands;
import io.belay.step.StepContext;
import io.belay.step.ValueStore;
import io.belay.target.Command;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Values behind commands, asked and set one key after the other. */
final class CommandValues implements ValueStore {

  /** In which a process is given its environment: what it decodes comes back byte for byte. */
  private static final Charset ENVIRONMENT =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

  private final Commands commands;
  private final ValuesTarget target;
  private final StepContext context;

  CommandValues(Commands commands, ValuesTarget target, StepContext context) {
    this.commands = commands;
    this.target = target;
    this.context = context;
  }

  @Override
  public Map<String, String> read(Collection<String> keys) {
    Map<String, String> values = new TreeMap<>();
    for (String key : keys) {
      Commands.Printed printed = ask(target.get(), key, null);
      boolean absent =
          printed.exitCode() == 1 && printed.output().length == 0 && printed.errors().isBlank();
      if (printed.exitCode() != 0 && !absent || !printed.whole()) {
        throw new TargetException(
            "the value of '%s' is not known: '%s' ended with exit code %d and %d bytes on standard output (0 means that it is there, 1 without a word that it is not; at most %d bytes). %s"
                .formatted(
                    key,
                    target.get(),
                    printed.exitCode(),
                    printed.output().length,
                    Commands.LONGEST_ANSWER,
                    printed.errors().strip()));
      }
      values.put(key, absent ? null : text(key, printed.output()));
    }
    return values;
  }

  /** Without the line end that the command adds. */
  private String text(String key, byte[] printed) {
    try {
      String text = ENVIRONMENT.newDecoder().decode(ByteBuffer.wrap(printed)).toString();
      if (text.indexOf('\0') >= 0) {
        throw new CharacterCodingException();
      }
      return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    } catch (CharacterCodingException e) {
      throw new TargetException(
          "the value of '%s' is not text in %s, so no variable of '%s' can hold it and it could not be put back; nothing was set"
              .formatted(key, ENVIRONMENT, target.set()),
          e);
    }
  }

  @Override
  public void write(Map<String, String> values) {
    values.forEach(
        (key, value) -> {
          context.cancellation().throwIfCancelled();
          Command command = value == null ? target.unset() : target.set();
          Commands.Printed answer = ask(command, key, value);
          if (answer.exitCode() != 0) {
            throw new TargetException(
                "'%s' was not %s: '%s' ended with exit code %d. The next attempt sets it again. %s"
                    .formatted(
                        key,
                        value == null ? "removed" : "set",
                        command,
                        answer.exitCode(),
                        answer.errors().strip()));
          }
        });
  }

  private Commands.Printed ask(Command command, String key, String value) {
    Map<String, Secret> environment = new HashMap<>(context.commandEnvironment());
    environment.put("BELAY_KEY", Secret.of(key));
    if (value != null) {
      environment.put("BELAY_VALUE", Secret.of(value));
    }
    environment.put(Commands.MARK, Secret.of(context.stepKey()));
    return commands.read(command, environment, context.cancellation());
  }
}
