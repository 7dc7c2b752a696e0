package io.belay.command;

import io.belay.command.Commands.Answer;
import io.belay.command.Commands.Result;
import io.belay.target.Cancellation;
import io.belay.target.Command;
import io.belay.target.Masking;
import io.belay.target.TargetException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;

/** One command on a host, over a session of its own. */
final class RemoteProcess implements AutoCloseable {

  private static final int GRACE_SECONDS = 5;
  private static final Duration ENDING = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final long LAST_OUTPUT_MILLIS = 2_000;
  private static final Duration LAST_ANSWER = Duration.ofSeconds(10);

  private final ClientSession session;
  private final HostTarget host;
  private final Command command;
  private final String mark;
  private final Masking masking;

  RemoteProcess(
      ClientSession session, HostTarget host, Command command, String mark, Masking masking) {
    this.session = session;
    this.host = host;
    this.command = command;
    this.mark = mark;
    this.masking = masking;
  }

  /**
   * Ends all processes with the mark.
   *
   * @throws TargetException when some still run or the host cannot tell
   */
  void endEarlier() {
    String failure = end(session);
    if (failure != null) {
      throw new TargetException(
          "%s: what an earlier attempt has started may still run: %s. The command was not started; end it by hand and retry"
              .formatted(host.describe(), failure));
    }
  }

  Result run(String script, Cancellation cancellation, Consumer<String> lines) {
    return run(script, cancellation, lines, null);
  }

  /** Runs to the end and reads standard output. */
  Answer ask(String script, Cancellation cancellation) {
    FirstBytes answer = new FirstBytes(Commands.LONGEST_ANSWER);
    Result result = run(script, cancellation, line -> {}, answer);
    String text = Masking.of(command.secrets()).mask(answer.text());
    return new Answer(result.exitCode(), text, answer.isWhole(), result.output());
  }

  /**
   * @param answer receives standard output; null to have it in the result, with standard error
   */
  @SuppressWarnings("try") // the registration is only closed
  private Result run(
      String script, Cancellation cancellation, Consumer<String> lines, FirstBytes answer) {
    AtomicBoolean cancelled = new AtomicBoolean();
    try (ChannelExec channel = open(session, RemoteScript.shell(mark), script, answer);
        AutoCloseable registration = cancellation.onCancel(() -> cancelled.set(true))) {
      OutputTail output =
          new OutputTail(
              answer == null ? channel.getInvertedOut() : channel.getInvertedErr(), masking, lines);
      Thread reader = new Thread(output, "output-" + host.host());
      reader.setDaemon(true);
      reader.start();
      long deadline = System.nanoTime() + command.timeout().toNanos();
      while (!ended(channel, LOOK)) {
        boolean late = System.nanoTime() > deadline;
        if (cancelled.get() || late || Thread.currentThread().isInterrupted()) {
          throw killed(late && !cancelled.get(), output);
        }
      }
      output.awaitEnd(LAST_OUTPUT_MILLIS);
      if (answer != null) {
        awaitEnd(channel, answer);
      }
      return result(channel, output, answer == null ? output.text() : answer.text());
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw lost(e.getMessage(), e);
    }
  }

  /** Waits for the end of the output, which may come after the exit status. */
  private static void awaitEnd(ChannelExec channel, FirstBytes answer) {
    Set<ClientChannelEvent> seen =
        channel.waitFor(EnumSet.of(ClientChannelEvent.EOF, ClientChannelEvent.CLOSED), LAST_ANSWER);
    if (!seen.contains(ClientChannelEvent.EOF)) {
      answer.breakOff();
    }
  }

  /**
   * @param said the standard output
   */
  private Result result(ChannelExec channel, OutputTail output, String said) {
    Integer status = channel.getExitStatus();
    if (status == null && channel.getExitSignal() == null) {
      throw lost("the connection ended before the command", null);
    }
    if (status != null
        && (status == 126 || status == 127)
        && said.startsWith(RemoteScript.NOT_STARTED)) {
      throw new TargetException(
          "command '%s' on %s: %s".formatted(command, host.describe(), said.strip()));
    }
    return status != null
        ? new Result(status, output.text())
        : new Result(128, output.text() + "\nended by the signal " + channel.getExitSignal());
  }

  private TargetException lost(String why, Exception cause) {
    return new TargetException(
        "command '%s' on %s: %s. It may still run there; a retry ends it before it begins again"
            .formatted(command, host.describe(), why),
        cause);
  }

  private RuntimeException killed(boolean late, OutputTail output) {
    boolean interrupted = Thread.interrupted(); // otherwise nothing could be sent
    String failure = end(session);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    String fate =
        failure == null
            ? "it and all that it started were ended, what it did until then remains"
            : "it may still run there: " + failure;
    String text =
        late
            ? "command '%s' on %s did not end within %s; %s. Its last output: %s"
                .formatted(command, host.describe(), command.timeout(), fate, output.text())
            : "command '%s' on %s was cancelled; %s".formatted(command, host.describe(), fate);
    return late || failure != null ? new TargetException(text) : new CancellationException(text);
  }

  /** Ends the processes with the mark. Returns null when none is left. */
  private String end(ClientSession through) {
    try (ChannelExec channel =
        open(through, RemoteScript.PLAIN_SHELL, RemoteScript.end(mark, GRACE_SECONDS), null)) {
      OutputTail output = new OutputTail(channel.getInvertedOut(), masking, line -> {});
      Thread reader = new Thread(output, "output-" + host.host());
      reader.setDaemon(true);
      reader.start();
      if (!ended(channel, ENDING)) {
        return "the host did not answer within " + ENDING.toSeconds() + " s";
      }
      output.awaitEnd(LAST_OUTPUT_MILLIS);
      Integer status = channel.getExitStatus();
      return status != null && status == 0 ? null : "(status " + status + ") " + output.text();
    } catch (IOException e) {
      return e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  private ChannelExec open(ClientSession through, String shell, String script, FirstBytes answer)
      throws IOException {
    ChannelExec channel = through.createExecChannel(shell);
    if (answer == null) {
      channel.setRedirectErrorStream(true);
    } else {
      channel.setOut(answer);
    }
    channel.setIn(new ByteArrayInputStream(script.getBytes(StandardCharsets.UTF_8)));
    channel.open().verify(host.connectTimeout());
    return channel;
  }

  private static boolean ended(ChannelExec channel, Duration within) {
    Set<ClientChannelEvent> seen =
        channel.waitFor(
            EnumSet.of(
                ClientChannelEvent.CLOSED,
                ClientChannelEvent.EXIT_STATUS,
                ClientChannelEvent.EXIT_SIGNAL),
            within);
    return seen.stream()
        .anyMatch(
            List.of(
                    ClientChannelEvent.CLOSED,
                    ClientChannelEvent.EXIT_STATUS,
                    ClientChannelEvent.EXIT_SIGNAL)
                ::contains);
  }

  @Override
  public void close() {
    session.close(true);
  }
}
