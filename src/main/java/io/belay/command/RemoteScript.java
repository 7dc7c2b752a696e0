package io.belay.command;

import io.belay.target.Command;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The scripts that start and end a command on a host. A script goes to the shell's standard input,
 * so no argument list shows a secret; every value in it is quoted, and it is one compound command,
 * so that a script truncated by a lost connection does nothing.
 *
 * <p>The step's key is in the environment of the shell and of all that it starts. It identifies the
 * processes, whatever became of their parents and of the connection. This needs Linux's {@code
 * /proc}.
 */
final class RemoteScript {

  /** The environment variable with the key that all attempts of a step share. */
  static final String MARK = "BELAY_STEP";

  /** How a script reports that it did not reach the command itself. */
  static final String NOT_STARTED = "belay: the command was not started:";

  private RemoteScript() {}

  /** The command line of the shell that reads a script; any login shell understands it. */
  static String shell(String mark) {
    return "exec env %s=%s sh -s".formatted(MARK, checked(mark));
  }

  /** A shell without the mark, for work on the processes that have it. */
  static final String PLAIN_SHELL = "exec sh -s";

  private static String checked(String mark) {
    if (!mark.matches("[A-Za-z0-9_.:/@-]+")) {
      throw new IllegalArgumentException("'%s' is no mark of a command".formatted(mark));
    }
    return mark;
  }

  /**
   * The script that starts a command. As on Belay's own machine, only fixed variables and those
   * that the command names reach it.
   */
  static String start(Command command, Map<String, Secret> extra) {
    Map<String, Secret> environment = new TreeMap<>(command.environment());
    environment.putAll(extra);
    StringBuilder script = new StringBuilder("{\n");
    script.append(
        """
        for name in $(env | sed -n 's/^\\([A-Za-z_][A-Za-z0-9_]*\\)=.*/\\1/p'); do
          case $name in
            PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|TZ|TMPDIR|LC_*|BELAY_STEP|PWD|SHLVL|_) ;;
            *) unset "$name" ;;
          esac
        done
        """);
    script.append(files(command));
    if (command.directory() != null) {
      String directory = quoted(command.directory().toString());
      script.append(
          "cd -- %1$s 2>/dev/null || { echo '%2$s there is no directory' %1$s; exit 126; }\n"
              .formatted(directory, NOT_STARTED));
    }
    // In a subshell, since the shell that removes the files must keep its own variables.
    script.append(command.reads().isEmpty() ? "" : "(\n");
    environment.forEach(
        (name, value) ->
            script.append("export %s=%s\n".formatted(name(name), quoted(value.reveal()))));
    script.append(
        "command -v %1$s >/dev/null 2>&1 || { echo '%2$s there is no program' \"'\"%1$s\"'\"; exit 127; }\n"
            .formatted(quoted(command.arguments().get(0)), NOT_STARTED));
    return script
        .append("exec ")
        .append(
            command.arguments().stream().map(RemoteScript::quoted).collect(Collectors.joining(" ")))
        .append(" </dev/null")
        .append(command.reads().isEmpty() ? "" : "\n)")
        .append("\n}\n")
        .toString();
  }

  /** Puts the files that the command reads into a private directory, in which it starts. */
  private static String files(Command command) {
    if (command.reads().isEmpty()) {
      return "";
    }
    StringBuilder script =
        new StringBuilder(
            """
            files=$(mktemp -d) && cd -- "$files" || { echo '%1$s there is no room for its files'; exit 126; }
            trap 'rm -rf -- "$files"' EXIT
            trap 'exit 143' HUP INT TERM
            """
                .formatted(NOT_STARTED));
    int room = Command.MOST_SENT;
    for (Path file : command.reads()) {
      byte[] content = content(file, room);
      room -= content.length;
      script.append(
          "printf %%s %1$s | base64 -d >%2$s && chmod 700 %2$s || { echo '%3$s a file was not taken:' %2$s; exit 126; }\n"
              .formatted(
                  quoted(Base64.getEncoder().encodeToString(content)),
                  quoted("./" + file.getFileName()),
                  NOT_STARTED));
    }
    return script.toString();
  }

  private static byte[] content(Path file, int room) {
    try {
      if (Files.size(file) > room) {
        throw new TargetException(
            "the files of a command on a host may have %d bytes together, %s has more"
                .formatted(Command.MOST_SENT, file));
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new TargetException(
          "%s cannot be read, so it was not sent to the host: %s".formatted(file, e.getMessage()),
          e);
    }
  }

  private static String name(String name) {
    if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
      throw new TargetException(
          "the environment variable '%s' has a name that no shell can set".formatted(name));
    }
    return name;
  }

  /** Quotes a value as one word, whatever it contains. */
  static String quoted(String value) {
    if (value.indexOf('\0') >= 0) {
      throw new TargetException("an argument or a variable of a command has a NUL character");
    }
    return "'" + value.replace("'", "'\\''") + "'";
  }

  /**
   * Ends the processes with the mark: SIGTERM, then SIGKILL after the grace period. Exits with 0
   * when none is left, 3 when the host cannot tell, 4 when some do not end; their ids are then the
   * output.
   */
  static String end(String mark, int graceSeconds) {
    return """
    {
    tr '\\0' '\\n' </proc/self/environ >/dev/null 2>&1 || { echo 'there is no /proc to find processes by'; exit 3; }
    left() {
      if printf 'a\\0b\\0' | grep -qzxF b 2>/dev/null; then
        grep -lzxF %1$s /proc/[0-9]*/environ
      else
        for environ in /proc/[0-9]*/environ; do
          tr '\\0' '\\n' <"$environ" | grep -qxF %1$s && echo "$environ"
        done
      fi 2>/dev/null | sed -n 's#^/proc/\\([0-9]*\\)/environ$#\\1#p'
    }
    for signal in TERM KILL; do
      processes=$(left)
      [ -n "$processes" ] || exit 0
      kill -s $signal $processes 2>/dev/null
      rounds=0
      while [ $rounds -lt %2$d ]; do
        processes=$(left)
        [ -n "$processes" ] || exit 0
        sleep 0.2 2>/dev/null || sleep 1
        rounds=$((rounds + 1))
      done
    done
    echo $processes
    exit 4
    }
    """
        .formatted(quoted(MARK + "=" + checked(mark)), graceSeconds * 5);
  }
}
