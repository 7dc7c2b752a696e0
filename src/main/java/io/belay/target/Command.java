package io.belay.target;

import jakarta.validation.constraints.NotEmpty;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.ConstructorBinding;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A command as an argument list, never a shell string. Run parameters reach it only as environment
 * variables.
 *
 * @param arguments program and arguments; must not carry secrets
 * @param directory working directory; absent means Belay's own
 * @param environment added environment variables; values are treated as secrets
 * @param timeout after which the command and its children are killed
 * @param reads files and directories that decide what the command does, besides those that its
 *     arguments name; an approval is bound to their content ({@link ReadFiles})
 */
public record Command(
    @NotEmpty List<String> arguments,
    Path directory,
    @DefaultValue Map<String, Secret> environment,
    @DefaultValue("10m") Duration timeout,
    @DefaultValue List<Path> reads) {

  /** Limit on the total size of {@link #reads} when they are sent to a host, in bytes. */
  public static final int MOST_SENT = 1 << 20;

  @ConstructorBinding
  public Command {
    // all components from the environment's file
  }

  public Command(
      List<String> arguments, Path directory, Map<String, Secret> environment, Duration timeout) {
    this(arguments, directory, environment, timeout, List.of());
  }

  public static Command of(String... arguments) {
    return new Command(List.of(arguments), null, Map.of(), Duration.ofMinutes(10));
  }

  /** Common words and port numbers: masking them would hide half a log. */
  private static final Pattern PLAIN =
      Pattern.compile(
          "true|false|none|null|production|staging|development|test|localhost|info|debug|warn|error|\\d{1,5}");

  /** The values of {@link #environment()} that are masked in all text. */
  public List<Secret> secrets() {
    return environment.values().stream()
        .filter(value -> !PLAIN.matcher(value.reveal()).matches())
        .toList();
  }

  /** The secrets of these commands; null commands are ignored. */
  public static Stream<Secret> secrets(Command... commands) {
    return Stream.of(commands).filter(Objects::nonNull).flatMap(c -> c.secrets().stream());
  }

  @Override
  public String toString() {
    return String.join(" ", arguments);
  }
}
