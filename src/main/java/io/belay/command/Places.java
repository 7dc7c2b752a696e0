package io.belay.command;

import io.belay.target.CommandTarget;
import io.belay.target.Environment;
import java.util.List;
import org.springframework.stereotype.Component;

/** Finds the {@link Place}s where the commands of a target run. */
@Component
public final class Places {

  /** Name of the machine that Belay runs on; no target has it. */
  public static final String THIS_NODE = "";

  private final Commands here;
  private final HostCommands there;

  public Places(Commands here, HostCommands there) {
    this.here = here;
    this.there = there;
  }

  /**
   * The places of a target, in the order in which its commands run.
   *
   * @throws io.belay.target.TargetException when one of the hosts cannot be reached or is not the
   *     run's machine; nothing was started then
   */
  public List<Place> of(CommandTarget target, Environment environment) {
    return target.on().isEmpty()
        ? List.of(at(THIS_NODE, environment))
        : target.on().stream().map(host -> at(host, environment)).toList();
  }

  /**
   * @param name of a host target, or {@link #THIS_NODE}
   */
  public Place at(String name, Environment environment) {
    HostTarget host = name.equals(THIS_NODE) ? null : environment.target(name, HostTarget.class);
    return new Place(name, here, there, host);
  }
}
