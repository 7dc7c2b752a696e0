package io.belay.capability.rollout;

import io.belay.target.RouterTarget;
import io.belay.target.TargetException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * HAProxy's runtime API (management guide, section 9.3), one command per connection, over TCP or a
 * Unix socket; bounded by the target's time-out. The socket must be of {@code level admin}.
 */
final class HaproxyRuntime {

  /**
   * The largest answer, in bytes: enough for a backend of thousands of servers, without filling the
   * memory.
   */
  private static final int LARGEST = 16 << 20;

  private final RouterTarget target;

  HaproxyRuntime(RouterTarget target) {
    this.target = target;
  }

  /** Sends a command that answers with text. */
  String ask(String command) {
    try {
      return exchange(command);
    } catch (IOException | IllegalArgumentException e) {
      throw new TargetException(
          "%s cannot be asked (%s): %s. Check that HAProxy runs and has a stats socket there"
              .formatted(target.describe(), command, e.getMessage()),
          e);
    }
  }

  /** Sends a command whose answer is empty unless it is refused. */
  void tell(String command) {
    String refusal = ask(command).strip();
    if (!refusal.isEmpty()) {
      throw new TargetException(
          "%s refuses '%s': %s".formatted(target.describe(), command, refusal));
    }
  }

  /**
   * Reads a table whose first line, after an optional line with a version, names its columns after
   * a {@code #}.
   */
  List<Map<String, String>> table(String command, String separator) {
    List<Map<String, String>> rows = new ArrayList<>();
    String[] columns = null;
    String answer = ask(command);
    for (String line : answer.split("\n")) {
      if (line.startsWith("# ")) {
        columns = line.substring(2).split(separator);
      } else if (columns != null && !line.isBlank()) {
        String[] values = line.split(separator, -1);
        Map<String, String> row = new HashMap<>();
        for (int i = 0; i < Math.min(columns.length, values.length); i++) {
          row.put(columns[i], values[i]);
        }
        rows.add(row);
      }
    }
    if (columns == null) {
      throw new TargetException(
          "%s does not answer '%s' with a table: %s"
              .formatted(target.describe(), command, beginning(answer)));
    }
    return rows;
  }

  private static String beginning(String answer) {
    String text = answer.strip();
    return text.length() <= 200 ? text : text.substring(0, 199) + "…";
  }

  private String exchange(String command) throws IOException {
    long deadline = System.nanoTime() + target.timeout().toNanos();
    URI address = target.admin();
    boolean unix = "unix".equals(address.getScheme());
    SocketAddress socket =
        unix
            ? UnixDomainSocketAddress.of(address.getPath())
            : new InetSocketAddress(address.getHost(), address.getPort());
    try (SocketChannel channel =
            unix ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      SelectionKey key = channel.register(selector, 0);
      if (!channel.connect(socket)) {
        do {
          await(selector, key, SelectionKey.OP_CONNECT, deadline);
        } while (!channel.finishConnect());
      }
      ByteBuffer request = ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.US_ASCII));
      while (request.hasRemaining()) {
        if (channel.write(request) == 0) {
          await(selector, key, SelectionKey.OP_WRITE, deadline);
        }
      }
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      ByteBuffer buffer = ByteBuffer.allocate(16 * 1024);
      for (int read; (read = channel.read(buffer)) >= 0; ) {
        if (read == 0) {
          await(selector, key, SelectionKey.OP_READ, deadline);
          continue;
        }
        answer.write(buffer.array(), 0, buffer.position());
        buffer.clear();
        if (answer.size() > LARGEST || System.nanoTime() >= deadline) {
          throw new IOException(
              "the answer has no end within %d ms and %d bytes"
                  .formatted(target.timeout().toMillis(), LARGEST));
        }
      }
      return answer.toString(StandardCharsets.UTF_8);
    }
  }

  private void await(Selector selector, SelectionKey key, int operation, long deadline)
      throws IOException {
    long left = (deadline - System.nanoTime()) / 1_000_000;
    key.interestOps(operation);
    if (left <= 0 || (selector.select(left) == 0 && System.nanoTime() >= deadline)) {
      throw new IOException("no answer within " + target.timeout().toMillis() + " ms");
    }
    selector.selectedKeys().clear();
  }
}
