package io.belay.target;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * The TCP connections that living processes of this machine (of this network namespace) hold open,
 * by their local ends. Empty outside Linux.
 */
final class LocalSockets {

  private static final List<Path> TABLES =
      List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));

  /** ESTABLISHED, and CLOSE_WAIT: the other side has closed it, the process has not. */
  private static final Set<String> OPEN = Set.of("01", "08");

  private final Set<InetSocketAddress> open = new HashSet<>();

  private LocalSockets() {}

  static LocalSockets now() {
    LocalSockets sockets = new LocalSockets();
    for (Path table : TABLES) {
      try {
        Files.readAllLines(table).stream().skip(1).forEach(sockets::add);
      } catch (IOException e) {
        // no Linux, or no IPv6
      }
    }
    return sockets;
  }

  private void add(String line) {
    String[] fields = line.strip().split("\\s+");
    if (OPEN.contains(fields[3])) {
      int colon = fields[1].indexOf(':');
      int port = Integer.parseInt(fields[1].substring(colon + 1), 16);
      open.add(new InetSocketAddress(address(fields[1].substring(0, colon)), port));
    }
  }

  /**
   * Parses an address as the kernel writes it: four-byte words, each in reverse (little-endian)
   * order.
   */
  private static InetAddress address(String hex) {
    byte[] words = HexFormat.of().parseHex(hex);
    byte[] bytes = new byte[words.length];
    for (int i = 0; i < words.length; i++) {
      bytes[i] = words[(i & ~3) + 3 - (i & 3)];
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("no address: " + hex, e);
    }
  }

  /**
   * @param address numeric, as a server sees it; false for null
   */
  boolean holds(String address, int port) {
    try {
      return address != null
          && open.contains(new InetSocketAddress(InetAddress.getByName(address), port));
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
