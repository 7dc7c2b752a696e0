package io.belay.playground;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One connection to a Redis server, speaking RESP2. The services use it because a full client would
 * be most of their start time; the fingerprint uses it because it must not share code with the
 * backup that it judges.
 *
 * <p>Replies are {@code byte[]} (strings), {@link Long}, {@link List} or null. Not thread safe.
 */
public final class RedisConnection implements Closeable {

  private final Socket socket = new Socket();
  private final InputStream in;
  private final OutputStream out;

  /**
   * Connects, logs in and selects the database.
   *
   * @param url {@code redis://:password@host:port/database}
   */
  RedisConnection(URI url, int timeoutMillis) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(timeoutMillis);
    try {
      socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), timeoutMillis);
      in = new BufferedInputStream(socket.getInputStream());
      out = new BufferedOutputStream(socket.getOutputStream());
      if (url.getUserInfo() != null) {
        call("AUTH", url.getUserInfo().substring(url.getUserInfo().indexOf(':') + 1));
      }
      if (url.getPath().length() > 1) {
        call("SELECT", url.getPath().substring(1));
      }
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Sends a command of strings and byte arrays and waits for its reply. */
  public Object call(Object... arguments) throws IOException {
    out.write(("*" + arguments.length + "\r\n").getBytes(StandardCharsets.UTF_8));
    for (Object argument : arguments) {
      byte[] bytes =
          argument instanceof byte[] raw
              ? raw
              : String.valueOf(argument).getBytes(StandardCharsets.UTF_8);
      out.write(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.UTF_8));
      out.write(bytes);
      out.write("\r\n".getBytes(StandardCharsets.UTF_8));
    }
    out.flush();
    return reply();
  }

  /** The reply as text; null when there is none. */
  public String text(Object... arguments) throws IOException {
    Object reply = call(arguments);
    return reply instanceof byte[] bytes
        ? new String(bytes, StandardCharsets.UTF_8)
        : reply == null ? null : reply.toString();
  }

  private Object reply() throws IOException {
    String line = line();
    String rest = line.substring(1);
    return switch (line.charAt(0)) {
      case '+' -> rest.getBytes(StandardCharsets.UTF_8);
      case ':' -> Long.valueOf(rest);
      case '$' -> bulk(Integer.parseInt(rest));
      case '*' -> list(Integer.parseInt(rest));
      default -> throw new IOException("Redis answered: " + rest);
    };
  }

  private byte[] bulk(int length) throws IOException {
    if (length < 0) {
      return null;
    }
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length || in.read() < 0 || in.read() < 0) {
      throw new EOFException("Redis closed the connection");
    }
    return bytes;
  }

  private List<Object> list(int length) throws IOException {
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      items.add(reply());
    }
    return items;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\r'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("Redis closed the connection");
      }
      line.append((char) c);
    }
    in.read();
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
