package io.belay.gateway;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A WebSocket server with one thread, for short texts. It answers each with its name and the text;
 * {@code half} with half of a frame, whose rest follows the next text. A close is answered, and
 * remembered.
 */
public final class TestWebSocketServer implements AutoCloseable {

  static final int LONG = 1000;
  private static final Pattern KEY = Pattern.compile("(?i)sec-websocket-key: *(\\S+)");

  final List<Integer> closeCodes = new CopyOnWriteArrayList<>();
  final List<String> handshakes = new CopyOnWriteArrayList<>();
  private final String name;
  private final ServerSocketChannel listening = ServerSocketChannel.open();
  private final Selector selector = Selector.open();

  private static final class Peer {
    private final ByteBuffer in = ByteBuffer.allocate(4096);
    private boolean open;
    private boolean owesHalf;
  }

  public TestWebSocketServer(String name) throws IOException {
    this.name = name;
    listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1000);
    listening.configureBlocking(false);
    listening.register(selector, SelectionKey.OP_ACCEPT);
    Thread thread = new Thread(this::run, "web-socket-server");
    thread.setDaemon(true);
    thread.start();
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + listening.socket().getLocalPort());
  }

  private void run() {
    while (selector.isOpen()) {
      try {
        selector.select();
        for (SelectionKey key : selector.selectedKeys()) {
          if (key.isAcceptable()) {
            SocketChannel peer = listening.accept();
            peer.configureBlocking(false);
            peer.register(selector, SelectionKey.OP_READ, new Peer());
          } else {
            read(key);
          }
        }
        selector.selectedKeys().clear();
      } catch (IOException | RuntimeException e) {
        if (!selector.isOpen()) {
          return;
        }
      }
    }
  }

  private void read(SelectionKey key) throws IOException {
    Peer peer = (Peer) key.attachment();
    SocketChannel channel = (SocketChannel) key.channel();
    try {
      if (channel.read(peer.in) < 0) {
        channel.close();
        return;
      }
      peer.in.flip();
      if (!peer.open) {
        open(peer, channel);
      }
      while (peer.open && channel.isOpen() && frame(peer, channel)) {
        // the next one
      }
      peer.in.compact();
    } catch (IOException e) {
      channel.close();
    }
  }

  private void open(Peer peer, SocketChannel channel) throws IOException {
    String head = StandardCharsets.ISO_8859_1.decode(peer.in.duplicate()).toString();
    if (!head.contains("\r\n\r\n")) {
      return;
    }
    peer.in.position(peer.in.position() + head.indexOf("\r\n\r\n") + 4);
    handshakes.add(head);
    Matcher key = KEY.matcher(head);
    if (!key.find() || head.contains("/refused")) {
      write(channel, "HTTP/1.1 403 No\r\nContent-Length: 2\r\nX-Why: no\r\n\r\nno");
      return;
    }
    write(
        channel,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + accept(key.group(1))
            + "\r\n\r\n");
    // In the same breath as the handshake: nothing of it may be lost.
    text(channel, "hello from " + name);
    peer.open = true;
  }

  private boolean frame(Peer peer, SocketChannel channel) throws IOException {
    ByteBuffer in = peer.in;
    if (in.remaining() < 6) {
      return false;
    }
    int length = in.get(in.position() + 1) & 0x7f;
    if (in.remaining() < 6 + length) {
      return false;
    }
    int opcode = in.get() & 0xf;
    in.get();
    byte[] mask = new byte[4];
    in.get(mask);
    byte[] payload = new byte[length];
    in.get(payload);
    for (int i = 0; i < length; i++) {
      payload[i] ^= mask[i % 4];
    }
    if (opcode == 8) {
      int code = length < 2 ? 1005 : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
      closeCodes.add(code);
      channel.write(ByteBuffer.wrap(new byte[] {(byte) 0x88, 0}));
      channel.close();
    } else if (peer.owesHalf) {
      peer.owesHalf = false;
      write(channel, "b".repeat(LONG / 2));
    } else if (new String(payload, StandardCharsets.UTF_8).equals("half")) {
      peer.owesHalf = true;
      channel.write(
          ByteBuffer.wrap(new byte[] {(byte) 0x81, 126, (byte) (LONG >> 8), (byte) LONG}));
      write(channel, "a".repeat(LONG / 2));
    } else {
      text(channel, name + ": " + new String(payload, StandardCharsets.UTF_8));
    }
    return true;
  }

  private static void text(SocketChannel channel, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer frame = ByteBuffer.allocate(2 + bytes.length);
    channel.write(frame.put((byte) 0x81).put((byte) bytes.length).put(bytes).flip());
  }

  private static void write(SocketChannel channel, String text) throws IOException {
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private static String accept(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest(
                  (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                      .getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    selector.close();
  }
}
