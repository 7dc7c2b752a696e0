package io.belay.faults;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A server that answers whatever it is asked with the same bytes: first {@code once}, then {@code
 * again} for ever or as long as somebody listens; with nothing to say again, it hangs up.
 */
public final class Babbler implements Closeable {

  private static final int CHUNK = 16 * 1024;

  private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final byte[] once;
  private final byte[] again;

  private Babbler(String once, String again) throws IOException {
    this.once = once.getBytes(StandardCharsets.UTF_8);
    this.again =
        again.isEmpty()
            ? new byte[0]
            : again.repeat(Math.max(1, CHUNK / again.length())).getBytes(StandardCharsets.UTF_8);
    Thread thread = new Thread(this::accept, "babbler-" + port());
    thread.setDaemon(true);
    thread.start();
  }

  public static Babbler saying(String words) throws IOException {
    return new Babbler(words, "");
  }

  public static Babbler endlesslySaying(String first, String again) throws IOException {
    return new Babbler(first, again);
  }

  /** An HTTP/1.1 answer with that body. */
  public static Babbler answering(int status, String type, String body) throws IOException {
    return saying(
        "HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            .formatted(status, type, body.getBytes(StandardCharsets.UTF_8).length, body));
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket socket = listening.accept();
        open.add(socket);
        Thread thread = new Thread(() -> babble(socket), "babble-" + port());
        thread.setDaemon(true);
        thread.start();
      } catch (IOException e) {
        return; // it was closed
      }
    }
  }

  private void babble(Socket socket) {
    try (socket) {
      InputStream in = socket.getInputStream();
      OutputStream out = socket.getOutputStream();
      if (in.read() < 0) {
        return;
      }
      out.write(once);
      out.flush();
      while (again.length > 0) {
        out.write(again);
      }
      socket.shutdownOutput();
      in.transferTo(OutputStream.nullOutputStream()); // a reset would hide what was said
    } catch (IOException e) {
      // the other side has heard enough
    } finally {
      open.remove(socket);
    }
  }

  public int port() {
    return listening.getLocalPort();
  }

  public URI url() {
    return URI.create("http://localhost:" + port());
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
