package io.belay.command;

import io.belay.target.Command;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Prepares every child process of Belay: its arguments, directory and environment, checked before
 * the start. A child inherits only variables such as its paths and locale; Belay's own environment
 * holds secrets, under names that cannot all be listed. The command's target names whatever else it
 * needs.
 */
final class Launch {

  /** In addition, the variables of the locale, {@code LC_*}, are inherited. */
  private static final Set<String> INHERITED =
      Set.of("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR");

  private Launch() {}

  /** A process with only the inherited variables. */
  static ProcessBuilder of(List<String> arguments) {
    ProcessBuilder builder = new ProcessBuilder(arguments);
    keepInherited(builder.environment());
    return builder;
  }

  static void keepInherited(Map<String, String> environment) {
    environment.keySet().removeIf(name -> !INHERITED.contains(name) && !name.startsWith("LC_"));
  }

  /**
   * @throws TargetException when the program or the directory does not exist
   */
  static ProcessBuilder of(Command command, Map<String, Secret> extra) {
    List<String> arguments = new ArrayList<>();
    ProcessTree.SETSID.ifPresent(setsid -> arguments.add(setsid.toString()));
    arguments.addAll(command.arguments());
    ProcessBuilder builder = of(arguments);
    if (command.directory() != null) {
      if (!Files.isDirectory(command.directory())) {
        throw new TargetException(
            "command '%s' was not started: there is no directory %s"
                .formatted(command, command.directory()));
      }
      builder.directory(command.directory().toFile());
    }
    Map<String, String> environment = builder.environment();
    Stream.of(command.environment(), extra)
        .flatMap(values -> values.entrySet().stream())
        .forEach(value -> put(environment, value.getKey(), value.getValue(), command));
    requireProgram(command, environment.getOrDefault("PATH", ""));
    return builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
  }

  private static void put(
      Map<String, String> environment, String name, Secret value, Command command) {
    try {
      environment.put(name, value.reveal());
    } catch (IllegalArgumentException e) { // its message shows the value
      throw new TargetException(
          "command '%s' was not started: its environment variable %s has an impossible name or value"
              .formatted(command, name));
    }
  }

  /**
   * Needed since setsid would report a missing program by an exit code that a program may return
   * too.
   */
  private static void requireProgram(Command command, String path) {
    String program = command.arguments().get(0);
    Path base = command.directory() == null ? Path.of("") : command.directory();
    boolean found =
        program.contains("/")
            ? Files.isExecutable(base.resolve(program))
            : Stream.of(path.split(File.pathSeparator))
                .map(directory -> base.resolve(directory).resolve(program))
                .anyMatch(file -> Files.isExecutable(file) && !Files.isDirectory(file));
    if (!found) {
      throw new TargetException(
          "command '%s' was not started: there is no program '%s'%s; install it or correct the environment file"
              .formatted(command, program, program.contains("/") ? "" : " on the PATH"));
    }
  }
}
