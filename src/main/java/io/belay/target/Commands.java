package io.belay.target;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Runs {@link Command}s as child processes in a process group of their own: bounded in time, killed
 * with their children on cancellation (SIGTERM, then SIGKILL after a grace), output drained always
 * and kept only in part, secrets never among the arguments.
 */
public interface Commands {

  /**
   * @param exitCode of the process
   * @param output the last 16 KiB of standard output and error together, secrets masked
   */
  record Result(int exitCode, String output) {

    public boolean succeeded() {
      return exitCode == 0;
    }
  }

  /** Produces or consumes a stream while the process runs. */
  @FunctionalInterface
  interface Pipe<S> {
    void transfer(S stream) throws Exception;
  }

  /**
   * Runs to the end; any exit code is a result.
   *
   * @param extra environment variables added to the command's own
   * @param lines receives each output line, masked
   * @throws TargetException when the program cannot be started or the time is up
   */
  Result run(
      Command command,
      Map<String, Secret> extra,
      Cancellation cancellation,
      Consumer<String> lines);

  /** Runs with standard output handed to {@code out}; standard error is kept for the result. */
  Result runReading(
      Command command, Map<String, Secret> extra, Cancellation cancellation, Pipe<InputStream> out)
      throws Exception;

  /** Runs with standard input fed by {@code in}. */
  Result runWriting(
      Command command, Map<String, Secret> extra, Cancellation cancellation, Pipe<OutputStream> in)
      throws Exception;

  /**
   * Runs as a filter: standard input is fed by {@code in} (on the calling thread) while standard
   * output is handed to {@code out} (on another one). A failure of either ends the process, before
   * it could take a broken-off input for a complete one, and is thrown. What the process no longer
   * wants to read is no failure, its exit code decides.
   */
  Result runFiltering(
      Command command,
      Map<String, Secret> extra,
      Cancellation cancellation,
      Pipe<OutputStream> in,
      Pipe<InputStream> out)
      throws Exception;
}
