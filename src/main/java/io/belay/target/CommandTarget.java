package io.belay.target;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.util.List;

/**
 * A command that answers with its exit code, for example v2's own tests ({@code type: command}).
 */
public record CommandTarget(@NotNull @Valid Command run) implements Target {

  @Override
  public String describe() {
    return "command " + run;
  }

  @Override
  public List<Secret> secrets() {
    return Command.secrets(run).toList();
  }
}
