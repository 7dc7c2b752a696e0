package io.belay.command;

import io.belay.command.Commands.Answer;
import io.belay.command.Commands.Result;
import io.belay.target.Cancellation;
import io.belay.target.Command;
import io.belay.target.Secret;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Where commands of one step run: this machine, or a host over SSH. Each gets the step's key in its
 * environment as {@code BELAY_STEP}.
 *
 * @see Places
 */
public final class Place {

  private final String name;
  private final Commands here;
  private final HostCommands there;
  private final HostTarget host;

  Place(String name, Commands here, HostCommands there, HostTarget host) {
    this.name = name;
    this.here = here;
    this.there = there;
    this.host = host;
  }

  /** Name of the host target; {@link Places#THIS_NODE} for this machine. */
  public String name() {
    return name;
  }

  public boolean isHost() {
    return host != null;
  }

  /** {@code " on <host>"} for messages; empty for this machine. */
  public String on() {
    return isHost() ? " on '%s'".formatted(name) : "";
  }

  /** As {@link Commands#run}. */
  public Result run(
      Command command,
      Map<String, Secret> extra,
      Cancellation cancellation,
      Consumer<String> lines) {
    return isHost()
        ? there.run(host, command, extra, cancellation, lines)
        : here.run(command, marked(extra), cancellation, lines);
  }

  /** As {@link Commands#ask}. */
  public Answer ask(Command command, Map<String, Secret> extra, Cancellation cancellation) {
    return isHost()
        ? there.ask(host, command, extra, cancellation)
        : here.ask(command, marked(extra), cancellation);
  }

  private static Map<String, Secret> marked(Map<String, Secret> extra) {
    Map<String, Secret> marked = new HashMap<>(extra);
    marked.put(Commands.MARK, extra.get(RemoteScript.MARK));
    return marked;
  }

  /**
   * Ends what is left here of the commands of a step whose attempt is over.
   *
   * @throws io.belay.target.TargetException when something still runs, or the host cannot be
   *     reached
   */
  public void endLeft(String step) {
    if (isHost()) {
      there.end(host, step);
    } else {
      here.endLeft(step);
    }
  }
}
