package io.belay.command;

import io.belay.target.Cancellation;
import io.belay.target.Command;
import io.belay.target.Secret;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/** {@link Commands} as child processes of Belay. */
public final class ChildProcesses implements Commands {

  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Duration grace;

  public ChildProcesses() {
    this(GRACE);
  }

  ChildProcesses(Duration grace) {
    this.grace = grace;
  }

  @Override
  public Result run(
      Command command,
      Map<String, Secret> extra,
      Cancellation cancellation,
      Consumer<String> lines) {
    ProcessBuilder builder = Launch.of(command, extra);
    builder.redirectErrorStream(true);
    try (ChildProcess child = ChildProcess.start(builder, command, extra, cancellation, grace)) {
      child.keepOutput(child.process().getInputStream(), lines);
      return child.await();
    }
  }

  @Override
  public Result runReading(
      Command command, Map<String, Secret> extra, Cancellation cancellation, Pipe<InputStream> out)
      throws Exception {
    ProcessBuilder builder = Launch.of(command, extra);
    try (ChildProcess child = ChildProcess.start(builder, command, extra, cancellation, grace)) {
      child.keepOutput(child.process().getErrorStream(), line -> {});
      InputStream stdout = child.process().getInputStream();
      try {
        out.transfer(stdout);
        stdout.transferTo(OutputStream.nullOutputStream()); // what the pipe did not read
      } catch (Exception e) {
        throw child.abandonedBecause(e);
      }
      return child.await();
    }
  }

  @Override
  public Result runWriting(
      Command command, Map<String, Secret> extra, Cancellation cancellation, Pipe<OutputStream> in)
      throws Exception {
    ProcessBuilder builder = Launch.of(command, extra);
    builder.redirectInput(ProcessBuilder.Redirect.PIPE).redirectErrorStream(true);
    try (ChildProcess child = ChildProcess.start(builder, command, extra, cancellation, grace)) {
      child.keepOutput(child.process().getInputStream(), line -> {});
      ChildInput stdin = new ChildInput(child.process().getOutputStream());
      try {
        in.transfer(stdin);
      } catch (Exception e) {
        if (!stdin.isRefused()) {
          child.terminate(); // before the end of its input makes it finish normally
          stdin.close();
          throw child.abandonedBecause(e);
        }
      }
      stdin.close();
      if (stdin.isRefused() && !child.endedByItself()) {
        throw child.abandonedBecause(stdin.refusal());
      }
      Result result = child.await();
      if (stdin.isRefused() && result.succeeded()) {
        throw stdin.refusal(); // it exited with 0 without reading all
      }
      return result;
    }
  }

  @Override
  public Result runFiltering(
      Command command,
      Map<String, Secret> extra,
      Cancellation cancellation,
      Pipe<OutputStream> in,
      Pipe<InputStream> out)
      throws Exception {
    ProcessBuilder builder = Launch.of(command, extra);
    builder.redirectInput(ProcessBuilder.Redirect.PIPE);
    try (ChildProcess child = ChildProcess.start(builder, command, extra, cancellation, grace)) {
      child.keepOutput(child.process().getErrorStream(), line -> {});
      return new Filter(child).run(in, out);
    }
  }
}
