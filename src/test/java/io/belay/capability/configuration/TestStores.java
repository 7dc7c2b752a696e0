package io.belay.capability.configuration;

import io.belay.command.ChildProcesses;
import io.belay.step.ValueStore;
import io.belay.target.Connections;
import io.belay.target.HttpProbe;

/** The real places of values, for tests of other capabilities. */
public final class TestStores {

  private TestStores() {}

  public static ValueStore.Opener over(Connections connections) {
    return new ValueStores(connections, new ChildProcesses(), new HttpProbe());
  }
}
