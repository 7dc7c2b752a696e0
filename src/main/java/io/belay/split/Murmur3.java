package io.belay.split;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * MurmurHash3 for x86 with 32 bits, seed 0. Its own code because this package must need no library.
 */
final class Murmur3 {

  private Murmur3() {}

  static int hash(byte[] data) {
    ByteBuffer bytes = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    int hash = 0;
    while (bytes.remaining() >= Integer.BYTES) {
      hash = Integer.rotateLeft(hash ^ scrambled(bytes.getInt()), 13) * 5 + 0xE6546B64;
    }
    int tail = 0;
    for (int shift = 0; bytes.hasRemaining(); shift += Byte.SIZE) {
      tail |= (bytes.get() & 0xFF) << shift;
    }
    hash ^= scrambled(tail) ^ data.length;
    hash = (hash ^ hash >>> 16) * 0x85EBCA6B;
    hash = (hash ^ hash >>> 13) * 0xC2B2AE35;
    return hash ^ hash >>> 16;
  }

  private static int scrambled(int block) {
    return Integer.rotateLeft(block * 0xCC9E2D51, 15) * 0x1B873593;
  }
}
