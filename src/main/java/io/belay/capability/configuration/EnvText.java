package io.belay.capability.configuration;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The characters of an {@code .env} file, which must be UTF-8.
 *
 * @param text without byte order mark
 * @param problems why its bytes cannot be taken for text; never a value
 */
record EnvText(String text, List<String> problems) {

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  static EnvText of(byte[] content) {
    if (isUtf16(content)) {
      return new EnvText("", List.of("the file is UTF-16; save it as UTF-8"));
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
      return new EnvText(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text, List.of());
    } catch (CharacterCodingException e) {
      String text = new String(content, StandardCharsets.UTF_8);
      return new EnvText(
          text,
          List.of(
              "line %d has bytes that are no UTF-8"
                  .formatted(lineOf(text, text.indexOf('\uFFFD')))));
    }
  }

  /** By its byte order mark, or by the zero byte that each ASCII character has there. */
  private static boolean isUtf16(byte[] content) {
    if (content.length >= 2) {
      int mark = (content[0] & 0xFF) << 8 | content[1] & 0xFF;
      if (mark == 0xFEFF || mark == 0xFFFE) {
        return true;
      }
    }
    for (byte one : content) {
      if (one == 0) {
        return true;
      }
    }
    return false;
  }

  /** Number of the line, from 1, in which the position is. */
  static int lineOf(String text, int position) {
    int line = 1;
    for (int i = 0; i < position && i < text.length(); i++) {
      char c = text.charAt(i);
      boolean windows = c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n';
      line += (c == '\n' || c == '\r') && !windows ? 1 : 0;
    }
    return line;
  }
}
