package io.belay.faults;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server that reads the head of each request, byte by byte as it came, and answers raw bytes. */
public final class RawBackend implements AutoCloseable {

  private static final byte[] KEPT =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.ISO_8859_1);

  /** The request lines, oldest first. */
  public final List<String> requestLines = new CopyOnWriteArrayList<>();

  private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private volatile byte[] answer;
  private volatile boolean resets;
  private volatile int silentOn;

  /** How long it waits for the next bytes of a body before it answers all the same. */
  public volatile int patienceMs = 500;

  private RawBackend(String answer) throws IOException {
    answers(answer);
    Thread thread = new Thread(this::accept, "raw-backend");
    thread.setDaemon(true);
    thread.start();
  }

  /** A well one. */
  public static RawBackend healthy() throws IOException {
    return new RawBackend("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
  }

  /** From now on; then it hangs up. */
  public void answers(String bytes) {
    answer = bytes.getBytes(StandardCharsets.ISO_8859_1);
    resets = false;
  }

  /** From now on it reads the head and sends RST. */
  public void resets() {
    resets = true;
  }

  /**
   * From now on it keeps connections open, and closes them instead of an answer on each n-th
   * request.
   */
  public void keepsConnectionsAndIsSilentOnEach(int n) {
    silentOn = n;
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + listening.getLocalPort());
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket socket = listening.accept();
        Thread thread = new Thread(() -> serve(socket), "raw-backend-connection");
        thread.setDaemon(true);
        thread.start();
      } catch (IOException e) {
        return; // it was closed
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      while (silentOn > 0) {
        if (head(socket.getInputStream()).isEmpty()) {
          return;
        }
        requestLines.add("");
        if (requestLines.size() % silentOn == 0) {
          return;
        }
        socket.getOutputStream().write(KEPT);
      }
      String head = head(socket.getInputStream());
      if (head.isEmpty()) {
        return;
      }
      requestLines.add(head.substring(0, head.indexOf("\r\n")));
      if (resets) {
        socket.setSoLinger(true, 0);
        return;
      }
      socket.setSoTimeout(patienceMs);
      if (head.contains("Transfer-Encoding") || head.contains("Content-Length: ")) {
        readBody(socket.getInputStream());
      }
      socket.getOutputStream().write(answer);
    } catch (IOException e) {
      // The gateway hung up.
    }
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    for (int last = 0; last != 0x0d0a0d0a; ) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.write(next);
      last = last << 8 | next;
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  /** As long as something comes. */
  private static void readBody(InputStream in) {
    try {
      while (in.read() >= 0) {
        // goes on
      }
    } catch (IOException e) {
      // enough
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
