package io.belay.gateway;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/** The addresses whose {@code X-Forwarded-*} and {@code Forwarded} headers are believed. */
final class TrustedProxies {

  /** The addresses that share their first {@code bits} bits. */
  private record Network(byte[] address, int bits) {

    boolean contains(byte[] other) {
      int free = 8 * address.length - bits;
      return other.length == address.length
          && new BigInteger(1, other)
              .shiftRight(free)
              .equals(new BigInteger(1, address).shiftRight(free));
    }
  }

  private final List<Network> networks;

  /**
   * @param networks such as {@code 10.0.0.0/8}, {@code 127.0.0.1} or {@code fd00::/8}; never names
   * @throws IllegalArgumentException naming the first that is not a network
   */
  TrustedProxies(List<String> networks) {
    this.networks = networks.stream().map(TrustedProxies::network).toList();
  }

  boolean contains(SocketAddress peer) {
    return peer instanceof InetSocketAddress inet
        && inet.getAddress() != null
        && networks.stream().anyMatch(known -> known.contains(inet.getAddress().getAddress()));
  }

  private static Network network(String text) {
    String[] parts = text == null ? new String[0] : text.split("/", -1);
    boolean literal =
        parts.length > 0
            && (parts[0].matches("\\d{1,3}(\\.\\d{1,3}){3}")
                || parts[0].matches("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*"));
    try {
      if (literal && parts.length <= 2) {
        // A literal needs no DNS lookup.
        byte[] address = InetAddress.getByName(parts[0]).getAddress();
        int most = 8 * address.length;
        int bits = parts.length == 1 ? most : Integer.parseInt(parts[1]);
        if (bits >= 0 && bits <= most) {
          return new Network(address, bits);
        }
      }
    } catch (UnknownHostException | NumberFormatException e) {
      // Falls through to the message that names the whole value.
    }
    throw new IllegalArgumentException(
        "trustedProxies: '%s' is not an address or a network such as 10.0.0.0/8".formatted(text));
  }
}
