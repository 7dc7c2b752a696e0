package io.belay.playground;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Passwords that no two worlds share. */
final class Passwords {

  private static final SecureRandom RANDOM = new SecureRandom();

  private Passwords() {}

  static String generate() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
