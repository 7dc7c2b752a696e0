package io.belay.capability.backup;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Passes on what {@code pg_restore --single-transaction} prints, except the {@code COMMIT} at its
 * end. (Without that option it would print one in the middle, after the large objects.) Only
 * comments follow the COMMIT.
 */
final class WithoutCommit {

  private static final String COMMIT = "\nCOMMIT;\n";
  private static final int HELD_BACK = 64 * 1024;

  private WithoutCommit() {}

  /**
   * @return whether the script was complete, that is, had such a {@code COMMIT}
   */
  static boolean copy(InputStream script, OutputStream out) throws IOException {
    byte[] window = new byte[4 * HELD_BACK];
    int length = 0;
    for (int n = script.read(window, 0, window.length);
        n >= 0;
        n = script.read(window, length, window.length - length)) {
      length += n;
      if (length == window.length) {
        out.write(window, 0, length - HELD_BACK);
        System.arraycopy(window, length - HELD_BACK, window, 0, HELD_BACK);
        length = HELD_BACK;
      }
    }
    // one byte is one character, whatever the encoding: the search is for ASCII only
    String tail = new String(window, 0, length, StandardCharsets.ISO_8859_1);
    int commit = tail.lastIndexOf(COMMIT);
    out.write(window, 0, commit < 0 ? length : commit + 1);
    return commit >= 0;
  }
}
