package io.belay.command;

import io.belay.target.Cancellation;
import io.belay.target.Command;
import io.belay.target.Masking;
import io.belay.target.Secret;
import io.belay.target.StrayCommands;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Runs {@link Command}s as child processes, each in a process group of its own: bounded in time,
 * killed with their children on cancellation (SIGTERM, then SIGKILL after a grace period), output
 * always drained and kept only in part, secrets never among the arguments.
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

  /** The environment variable that identifies a command's processes after Belay was killed. */
  String MARK = StrayCommands.VARIABLE;

  /** How much of an answer is kept, in bytes. */
  int LONGEST_ANSWER = 256 * 1024;

  /**
   * What a command printed on its standard output, separate from its errors.
   *
   * @param output its first 256 KiB, the command's secrets masked
   * @param whole whether that is all
   * @param errors the last 16 KiB of standard error, secrets masked
   */
  record Answer(int exitCode, String output, boolean whole, String errors) {}

  /**
   * As {@link Answer}, but with the output unmasked: for a value that must come back as it is,
   * never for a log.
   */
  record Printed(int exitCode, byte[] output, boolean whole, String errors) {}

  /** Produces or consumes a stream while the process runs. */
  @FunctionalInterface
  interface Pipe<S> {
    void transfer(S stream) throws Exception;
  }

  /**
   * Runs to the end. Any exit code is a result.
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

  /** Runs with standard output passed to {@code out}; standard error is kept for the result. */
  Result runReading(
      Command command, Map<String, Secret> extra, Cancellation cancellation, Pipe<InputStream> out)
      throws Exception;

  /** Runs with standard input fed by {@code in}. */
  Result runWriting(
      Command command, Map<String, Secret> extra, Cancellation cancellation, Pipe<OutputStream> in)
      throws Exception;

  /**
   * Runs as a filter: {@code in} feeds standard input (on the calling thread) while standard output
   * is passed to {@code out} (on another). A failure of either ends the process, before it can take
   * partial input for complete, and is thrown. A process that stops reading is no failure; its exit
   * code decides.
   */
  Result runFiltering(
      Command command,
      Map<String, Secret> extra,
      Cancellation cancellation,
      Pipe<OutputStream> in,
      Pipe<InputStream> out)
      throws Exception;

  /**
   * Runs to the end and reads the output. Any exit code is an answer.
   *
   * @throws TargetException when the program cannot be started or the time is up
   */
  default Answer ask(Command command, Map<String, Secret> extra, Cancellation cancellation) {
    Printed printed = read(command, extra, cancellation);
    String text = new String(printed.output(), StandardCharsets.UTF_8);
    return new Answer(
        printed.exitCode(),
        Masking.of(command.secrets()).mask(text),
        printed.whole(),
        printed.errors());
  }

  /** As {@link #ask}, with nothing masked in the output. */
  default Printed read(Command command, Map<String, Secret> extra, Cancellation cancellation) {
    byte[][] read = new byte[1][];
    Result result;
    try {
      result =
          runReading(
              command, extra, cancellation, out -> read[0] = out.readNBytes(LONGEST_ANSWER + 1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new TargetException("command '%s': %s".formatted(command, e.getMessage()), e);
    }
    boolean whole = read[0].length <= LONGEST_ANSWER;
    byte[] output = whole ? read[0] : Arrays.copyOf(read[0], LONGEST_ANSWER);
    return new Printed(result.exitCode(), output, whole, result.output());
  }

  /**
   * Ends what is left on this machine of commands that a Belay that is gone started with this
   * {@link #MARK}.
   *
   * @throws TargetException when a process of theirs is still there
   */
  default void endLeft(String mark) {
    List<Long> left = StrayCommands.end(mark);
    if (!left.isEmpty()) {
      throw new TargetException(
          "an earlier command of this run still works, and its processes %s cannot be killed. Nothing was begun; kill them, then retry"
              .formatted(left));
    }
  }
}
