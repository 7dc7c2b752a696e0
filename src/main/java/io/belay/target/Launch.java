package io.belay.target;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Prepares a command's process: its arguments, directory and environment, all checked before. */
final class Launch {

  private Launch() {}

  /**
   * @throws TargetException when there is no such program or directory
   */
  static ProcessBuilder of(Command command, Map<String, Secret> extra) {
    List<String> arguments = new ArrayList<>();
    ProcessTree.SETSID.ifPresent(setsid -> arguments.add(setsid.toString()));
    arguments.addAll(command.arguments());
    ProcessBuilder builder = new ProcessBuilder(arguments);
    if (command.directory() != null) {
      if (!Files.isDirectory(command.directory())) {
        throw new TargetException(
            "command '%s' was not started: there is no directory %s"
                .formatted(command, command.directory()));
      }
      builder.directory(command.directory().toFile());
    }
    Map<String, String> environment = builder.environment();
    dropOurs(environment);
    Stream.of(command.environment(), extra)
        .flatMap(values -> values.entrySet().stream())
        .forEach(value -> put(environment, value.getKey(), value.getValue(), command));
    requireProgram(command, environment.getOrDefault("PATH", ""));
    return builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
  }

  /** Removes Belay's own settings and logins, which a child would take for its own. */
  static void dropOurs(Map<String, String> environment) {
    environment
        .keySet()
        .removeIf(
            name ->
                name.startsWith("PG") || name.startsWith("BELAY_") || name.equals("REDISCLI_AUTH"));
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
