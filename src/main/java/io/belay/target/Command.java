package io.belay.target;

import jakarta.validation.constraints.NotEmpty;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

  /** Words and port numbers that many a variable holds: masked, they would hide half a log. */
  private static final Pattern PLAIN =
      Pattern.compile(
          "true|false|none|null|production|staging|development|test|localhost|info|debug|warn|error|\\d{1,5}");

  /** The values of {@link #environment()} that are masked in all text. */
  List<Secret> secrets() {
    return environment.values().stream()
        .filter(value -> !PLAIN.matcher(value.reveal()).matches())
        .toList();
  }

  /** The secrets of those commands that are there. */
  static Stream<Secret> secrets(Command... commands) {
    return Stream.of(commands).filter(Objects::nonNull).flatMap(c -> c.secrets().stream());
  }

  @Override
  public String toString() {
    return String.join(" ", arguments);
  }
}
