package io.belay.capability.configuration;

import io.belay.command.Commands;
import io.belay.step.StepContext;
import io.belay.step.ValueStore;
import io.belay.target.Command;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.HttpProbe;
import io.belay.target.HttpTarget;
import io.belay.target.SqlTarget;
import io.belay.target.TargetException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Opens the place where a target's keys have their values, for one attempt of a step. */
@Component
final class ValueStores implements ValueStore.Opener {

  private final Connections connections;
  private final Commands commands;
  private final HttpProbe http;

  ValueStores(Connections connections, Commands commands, HttpProbe http) {
    this.http = http;
    this.connections = connections;
    this.commands = commands;
  }

  @Override
  public ValueStore open(String name, StepContext context, String... earlier) throws IOException {
    ValuesTarget target = context.target(name, ValuesTarget.class);
    if (target.set() != null || target.restart() != null) {
      for (String step : earlier) {
        commands.endLeft(step);
      }
    }
    if (target.file() != null) {
      return target.isJson()
          ? new JsonFileValues(target, context)
          : new EnvFileValues(target, context);
    }
    if (target.database() != null) {
      SqlTarget database = context.target(target.database(), SqlTarget.class);
      return new TableValues(connections, database, target, context.cancellation());
    }
    if (target.http() != null) {
      HttpTarget server = context.target(target.http(), HttpTarget.class);
      return new HttpValues(http, server, target, context);
    }
    return new CommandValues(commands, target, context);
  }

  /** Makes the application read the values again, where the target has a command for that. */
  void restart(String name, StepContext context) {
    Command restart = context.target(name, ValuesTarget.class).restart();
    if (restart == null) {
      return;
    }
    context.cancellation().throwIfCancelled();
    Commands.Result result =
        commands.run(
            restart, context.commandEnvironment(), context.cancellation(), context.commandLog());
    if (!result.succeeded()) {
      throw new TargetException(
          "the values of '%s' are set, but '%s' ended with exit code %d, so the application may still have the former ones. The next attempt runs it again"
              .formatted(name, restart, result.exitCode()));
    }
  }

  @Override
  public Optional<String> object(String name, Environment environment) {
    return Optional.ofNullable(environment.target(name, ValuesTarget.class).at());
  }

  @Override
  public List<String> problems(String name, Map<String, String> values, Environment environment) {
    ValuesTarget target = environment.target(name, ValuesTarget.class);
    List<String> problems = new ArrayList<>();
    values.forEach(
        (key, value) -> {
          String pattern = target.keys().get(key);
          if (pattern == null) {
            problems.add(
                "values target '%s' has no key '%s'; its 'keys' are %s"
                    .formatted(name, key, target.keys().keySet()));
          } else if (target.file() != null && !target.isJson() && !EnvFileValues.canStore(value)) {
            problems.add(
                "the value of '%s' has a quote, a backslash or a line end, which the env file of values target '%s' cannot hold"
                    .formatted(key, name));
          } else if (!value.matches(pattern)) {
            problems.add(
                "the value of '%s' in values target '%s' is '%s', which does not match '%s'"
                    .formatted(key, name, value, pattern));
          }
        });
    return problems;
  }
}
