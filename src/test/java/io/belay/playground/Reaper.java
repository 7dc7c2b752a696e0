package io.belay.playground;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Cleans up after a world whose process was killed and could not do it itself: a small shell
 * process that waits for its end, stops the two servers and removes the directory. It ends by
 * itself when the world was closed properly.
 */
final class Reaper {

  private static final String SCRIPT =
      """
      while [ -d "$1" ] && kill -0 "$2" 2>/dev/null; do sleep 1; done
      [ -d "$1" ] || exit 0
      for file in "$1/postgres/postmaster.pid" "$1/redis/redis.pid"; do
        [ -f "$file" ] && kill -INT "$(head -n 1 "$file")"
      done
      sleep 3
      rm -rf -- "$1"
      """;

  private Reaper() {}

  static void start(Path world) throws IOException {
    String setsid = "/usr/bin/setsid";
    String[] shell = {
      "/bin/sh", "-c", SCRIPT, "reaper", world.toString(), "" + ProcessHandle.current().pid()
    };
    ProcessBuilder builder = new ProcessBuilder(shell);
    if (new File(setsid).canExecute()) {
      // An interrupt in the terminal goes to the whole process group; this one must stay.
      builder.command().add(0, setsid);
    }
    builder
        .directory(new File("/"))
        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
