package io.belay.playground;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The playground's files on the class path. */
final class Resources {

  private Resources() {}

  static String text(String name) throws IOException {
    try (InputStream in = Resources.class.getResourceAsStream("/playground/" + name)) {
      if (in == null) {
        throw new IllegalStateException("no resource /playground/" + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
