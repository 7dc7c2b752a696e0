package io.belay.faults;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** A port on loopback from which no answer ever comes, and no refusal either. */
public final class BlackHole implements Closeable {

  private static final int MANY = 64;
  private static final int FULL_AFTER_MILLIS = 300;

  private final ServerSocket listening;
  private final List<Socket> waiting = new ArrayList<>();

  private BlackHole(int backlog) throws IOException {
    listening = new ServerSocket(0, backlog, InetAddress.getLoopbackAddress());
  }

  /** Connections come about, and are never served. */
  public static BlackHole silent() throws IOException {
    return new BlackHole(50);
  }

  /** Not even connections come about: the queue of those that wait is full. */
  public static BlackHole unreachable() throws IOException {
    BlackHole hole = new BlackHole(1);
    try {
      for (int i = 0; i < MANY; i++) {
        Socket socket = new Socket();
        hole.waiting.add(socket);
        socket.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), hole.port()),
            FULL_AFTER_MILLIS);
      }
    } catch (SocketTimeoutException full) {
      return hole;
    }
    hole.close();
    throw new IOException("the queue of port " + hole.port() + " does not get full");
  }

  public int port() {
    return listening.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : waiting) {
      socket.close();
    }
    listening.close();
  }
}
