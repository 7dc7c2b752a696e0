package io.belay.gateway;

import java.nio.ByteBuffer;

/**
 * Follows the frames of one direction of a WebSocket (RFC 6455, section 5.2), so that the gateway
 * knows where it may insert a frame of its own.
 */
final class FrameReader {

  private static final int SHORT = 126;
  private static final int LONG = 127;

  private int headerBytes;
  private int headerSize;
  private boolean masked;
  private long length;
  private long left;

  /** Whether the last byte read was the last of its frame. */
  boolean isBetweenFrames() {
    return headerBytes == 0 && left == 0;
  }

  /**
   * Reads on.
   *
   * @return the number of bytes up to the end of the current frame, or all if it ends later
   */
  int toEndOfFrame(ByteBuffer bytes) {
    int start = bytes.position();
    int at = start;
    while (at < bytes.limit()) {
      if (left > 0) {
        int step = (int) Math.min(left, bytes.limit() - at);
        at += step;
        left -= step;
      } else {
        header(bytes.get(at++) & 0xff);
      }
      if (isBetweenFrames()) {
        break;
      }
    }
    return at - start;
  }

  private void header(int value) {
    headerBytes++;
    if (headerBytes == 1) {
      headerSize = 2;
      length = 0;
    } else if (headerBytes == 2) {
      masked = (value & 0x80) != 0;
      int given = value & 0x7f;
      length = given < SHORT ? given : 0;
      headerSize = 2 + (given == SHORT ? 2 : given == LONG ? 8 : 0) + (masked ? 4 : 0);
    } else if (headerBytes <= headerSize - (masked ? 4 : 0)) {
      length = length << 8 | value;
    }
    if (headerBytes >= 2 && headerBytes == headerSize) {
      headerBytes = 0;
      left = length;
    }
  }
}
