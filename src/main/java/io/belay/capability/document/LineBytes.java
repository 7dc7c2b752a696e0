package io.belay.capability.document;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Checks the bytes of a line before it is parsed as JSON: a line is UTF-8, whatever a parser would
 * guess from its first bytes.
 */
final class LineBytes {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;

  private LineBytes() {}

  /** Whether the line has only spaces, tabs and carriage returns. */
  static boolean blank(byte[] line, int start, int end) {
    for (int i = start; i < end; i++) {
      if (line[i] != ' ' && line[i] != '\r' && line[i] != '\t') {
        return false;
      }
    }
    return true;
  }

  /** Why the line cannot be the text of a document; null when it can. */
  static String problem(byte[] line, int start, int end) {
    if (end - start >= 3
        && line[start] == (byte) 0xEF
        && line[start + 1] == (byte) 0xBB
        && line[start + 2] == (byte) 0xBF) {
      return "begins with a byte order mark, which the library does not take for a document";
    }
    for (int i = start; i < end; ) {
      byte first = line[i];
      if (first > 0) {
        i += i + 8 <= end && isText((long) LONGS.get(line, i)) ? 8 : 1;
      } else if (isOfThree(first, line, i, end)) {
        i += 3; // most characters that are not Latin
      } else if (first == 0) {
        return "is no JSON from byte %d on: a NUL is there".formatted(i - start);
      } else {
        int length = character(line, i, end);
        if (length == 0) {
          return "is no JSON from byte %d on: the bytes there are no UTF-8".formatted(i - start);
        }
        i += length;
      }
    }
    return null;
  }

  /**
   * Whether a complete three-byte character starts there, except those whose second byte has
   * narrower bounds.
   */
  private static boolean isOfThree(byte first, byte[] line, int at, int end) {
    return (first & 0xF0) == 0xE0
        && first != (byte) 0xE0
        && first != (byte) 0xED
        && at + 3 <= end
        && (line[at + 1] & 0xC0) == 0x80
        && (line[at + 2] & 0xC0) == 0x80;
  }

  /** Whether these are eight ASCII bytes without a NUL. */
  private static boolean isText(long bytes) {
    return (bytes & HIGHS) == 0 && ((bytes - ONES) & ~bytes & HIGHS) == 0;
  }

  /**
   * Length of the character that starts there, or what is left of it if the end cuts it off; 0 when
   * it is invalid, such as surrogates and overlong forms.
   */
  private static int character(byte[] line, int at, int end) {
    int first = line[at] & 0xFF;
    int length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (length == 0 || first > 0xF4) {
      return 0;
    }
    for (int i = 1; i < length && at + i < end; i++) {
      int next = line[at + i] & 0xFF;
      int least = i > 1 ? 0x80 : first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
      int most = i > 1 ? 0xBF : first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
      if (next < least || next > most) {
        return 0;
      }
    }
    return Math.min(length, end - at);
  }
}
