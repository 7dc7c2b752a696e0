package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.belay.playground.Needs;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real connections of this machine. */
class LocalSocketsTest {

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void anEnd_isHeld_asLongAsItsProcessHoldsIt(String loopback) throws Exception {
    Needs.that(Files.exists(Path.of("/proc/net/tcp6")), "Linux's /proc and IPv6");
    InetAddress address = InetAddress.getByName(loopback);
    try (ServerSocket server = new ServerSocket(0, 50, address)) {
      Socket client = new Socket(address, server.getLocalPort());
      try (Socket accepted = server.accept()) {
        int port = accepted.getPort();
        assertThat(LocalSockets.now().holds(loopback, port)).isTrue();
        assertThat(LocalSockets.now().holds("127.0.0.99", port)).isFalse();
        assertThat(LocalSockets.now().holds(null, port)).isFalse();

        client.close();
        await().until(() -> !LocalSockets.now().holds(loopback, port));
      }
    }
  }
}
