package io.belay.target;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;

/** Writes the identity of a system the same way, whatever names it. */
public final class Identity {

  private static final Set<String> THIS_HOST = Set.of("localhost", "127.0.0.1", "::1", "[::1]");

  private Identity() {}

  public static String server(String type, String host, int port) {
    String lower = host.toLowerCase(Locale.ROOT);
    return "%s://%s:%d".formatted(type, THIS_HOST.contains(lower) ? "localhost" : lower, port);
  }

  public static String address(String type, URI uri) {
    if (uri.getHost() == null) {
      return type + ":" + uri;
    }
    int port = uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
    String path = uri.getPath() == null ? "" : uri.getPath().replaceFirst("/+$", "");
    return server(type, uri.getHost(), port) + path;
  }

  /** The first half of the secret's SHA-256: enough to compare, and not reversible. */
  public static String digest(String secret) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java runtime has it
    }
  }

  public static String file(String type, Path path) {
    return type + ":" + path.toAbsolutePath().normalize();
  }
}
