package io.belay.face.web;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Requests as no well-behaved client sends them: with any header, from any address of this machine.
 */
final class RawRequest {

  static final String HERE = "127.0.0.1";

  private RawRequest() {}

  /**
   * @param lines the request line and headers
   * @return all of the answer
   */
  static String send(Caller caller, String from, String... lines) throws IOException {
    try (Socket socket = new Socket()) {
      socket.bind(new InetSocketAddress(from, 0));
      socket.connect(new InetSocketAddress(HERE, caller.uri("/").getPort()));
      String request = String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
