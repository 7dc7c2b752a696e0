package io.belay.target;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Prepares every child process of Belay's: its arguments, directory and environment, all checked
 * before. A child inherits only the variables that say where it is and how it speaks; Belay's own
 * environment holds secrets, under names that nobody can list. What else a command needs, its
 * target names.
 */
final class Launch {

  /** The locale's variables have names that begin with {@code LC_}. */
  private static final Set<String> INHERITED =
      Set.of("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR");

  private Launch() {}

  /** A process with the inherited variables and no others. */
  static ProcessBuilder of(List<String> arguments) {
    ProcessBuilder builder = new ProcessBuilder(arguments);
    keepInherited(builder.environment());
    return builder;
  }

  static void keepInherited(Map<String, String> environment) {
    environment.keySet().removeIf(name -> !INHERITED.contains(name) && !name.startsWith("LC_"));
  }

  /**
   * @throws TargetException when there is no such program or directory
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

  /** setsid would report it by an exit code that the program could have given as well. */
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
