package io.belay.faults;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands between Belay and a system, and passes on what both say, until it begins to swallow: then
 * it takes every byte and passes on none, while all connections stay open and new ones come about.
 */
public final class SwallowingProxy implements Closeable {

  private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final int port;
  private volatile boolean swallowing;

  /**
   * @param port of the system, on loopback
   */
  public SwallowingProxy(int port) throws IOException {
    this.port = port;
    start(this::accept);
  }

  private void start(Runnable work) {
    Thread thread = new Thread(work, "proxy-" + listening.getLocalPort());
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        open.add(client);
        if (swallowing) {
          start(() -> pass(client, null));
          continue;
        }
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
        open.add(server);
        start(() -> pass(client, server));
        start(() -> pass(server, client));
      } catch (IOException e) {
        // it was closed, or there is no system now
      }
    }
  }

  private void pass(Socket from, Socket to) {
    byte[] buffer = new byte[16 * 1024];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to == null ? OutputStream.nullOutputStream() : to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (!swallowing) {
          out.write(buffer, 0, read);
          out.flush();
        }
      }
    } catch (IOException e) {
      // one side is gone
    }
    if (!swallowing) {
      close(from);
      close(to);
    }
  }

  private void close(Socket socket) {
    if (socket != null) {
      open.remove(socket);
      try {
        socket.close();
      } catch (IOException e) {
        // it is closed
      }
    }
  }

  public void swallow() {
    swallowing = true;
  }

  /** Passes on again, what comes now; what was swallowed is lost, and so are its connections. */
  public void passOn() {
    swallowing = false;
    Set.copyOf(open).forEach(this::close);
  }

  public int port() {
    return listening.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    listening.close();
    Set.copyOf(open).forEach(this::close);
  }
}
