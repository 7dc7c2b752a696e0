package io.belay.command;

import io.belay.command.Commands.Answer;
import io.belay.command.Commands.Result;
import io.belay.target.Cancellation;
import io.belay.target.Command;
import io.belay.target.Masking;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.springframework.stereotype.Component;

/**
 * Runs {@link Command}s on hosts over SSH, as {@link Commands} does on this machine: bounded in
 * time, ended with all that they started when the step is cancelled, with an environment of named
 * variables only. Ends first what an earlier attempt of the same step left running.
 *
 * <p>A command that leaves a service behind must start it in an environment of its own, as systemd
 * and docker do; a process that inherits the step's key counts as part of the command.
 */
@Component
public final class HostCommands {

  private final SshSessions sessions;

  public HostCommands(SshSessions sessions) {
    this.sessions = sessions;
  }

  /**
   * Runs to the end; any exit code is a result.
   *
   * @param extra variables added to the command's own; {@code BELAY_STEP} is the mark that
   *     identifies its processes
   * @param lines receives each output line, masked
   * @throws TargetException when the host cannot be reached, the time is up or the connection is
   *     lost; says whether the command may still be running
   */
  public Result run(
      HostTarget host,
      Command command,
      Map<String, Secret> extra,
      Cancellation cancellation,
      Consumer<String> lines) {
    try (RemoteProcess process = begin(host, command, extra, cancellation)) {
      return process.run(RemoteScript.start(command, extra), cancellation, lines);
    }
  }

  /** As {@link #run}, but reads the output. */
  public Answer ask(
      HostTarget host, Command command, Map<String, Secret> extra, Cancellation cancellation) {
    try (RemoteProcess process = begin(host, command, extra, cancellation)) {
      return process.ask(RemoteScript.start(command, extra), cancellation);
    }
  }

  private RemoteProcess begin(
      HostTarget host, Command command, Map<String, Secret> extra, Cancellation cancellation) {
    cancellation.throwIfCancelled();
    RemoteProcess process =
        new RemoteProcess(
            sessions.open(host),
            host,
            command,
            extra.get(RemoteScript.MARK).reveal(),
            ChildProcess.masking(command, extra));
    try {
      process.endEarlier();
      return process;
    } catch (RuntimeException e) {
      process.close();
      throw e;
    }
  }

  /**
   * Ends what a step has left running on a host.
   *
   * @param step the key that the step's commands got as {@code BELAY_STEP}
   * @throws TargetException when the host cannot be reached or something still runs
   */
  public void end(HostTarget host, String step) {
    try (RemoteProcess process =
        new RemoteProcess(
            sessions.open(host), host, Command.of("true"), step, Masking.of(List.of()))) {
      process.endEarlier();
    }
  }
}
