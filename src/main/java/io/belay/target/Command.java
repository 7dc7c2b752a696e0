package io.belay.target;

import jakarta.validation.constraints.NotEmpty;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A command as an argument list; never a string for a shell. Run parameters reach it as environment
 * variables only.
 *
 * @param arguments program and arguments; must not carry secrets
 * @param directory working directory; absent means Belay's own
 * @param environment added environment variables; values are treated as secrets
 * @param timeout after which the command and its children are killed
 */
public record Command(
    @NotEmpty List<String> arguments,
    Path directory,
    @DefaultValue Map<String, Secret> environment,
    @DefaultValue("10m") Duration timeout) {

  public static Command of(String... arguments) {
    return new Command(List.of(arguments), null, Map.of(), Duration.ofMinutes(10));
  }

  @Override
  public String toString() {
    return String.join(" ", arguments);
  }
}
