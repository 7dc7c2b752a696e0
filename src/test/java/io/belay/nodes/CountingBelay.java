package io.belay.nodes;

import io.belay.Belay;
import java.io.IOException;
import java.util.Optional;
import org.springframework.boot.SpringApplication;

/** Belay with {@link CountedSteps}; ends with the process that started it. */
public final class CountingBelay {

  private CountingBelay() {}

  public static void main(String[] args) {
    Optional<ProcessHandle> parent = ProcessHandle.current().parent();
    parent.ifPresent(handle -> handle.onExit().thenRun(() -> Runtime.getRuntime().halt(0)));
    SpringApplication.run(new Class<?>[] {Belay.class, CountedSteps.class}, args);
  }

  /** A port that nobody listens to at this moment. */
  static int freePort() throws IOException {
    try (var socket = new java.net.ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
