package io.belay.split;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Gives each user one of 10,000 buckets: one for each step of 0.01 percent. Who owns the buckets
 * below a share keeps them as the share grows. An algorithm never changes; a better one gets
 * another name.
 */
public enum Bucketing {

  /** CRC-32C of {@code seed \n key}, or of the key alone, through a shortened SplitMix64. */
  BELAY_1("belay-1") {
    @Override
    long fraction(String seed, String key) {
      CRC32C checksum = new CRC32C();
      checksum.update(utf8(seed.isEmpty() ? key : seed + "\n" + key));
      return mix(checksum.getValue());
    }
  },

  /**
   * As flagd's {@code fractional} with weights of 10,000 in all: MurmurHash3 (x86, 32 bits, seed 0)
   * of the flag's key and the targeting key, without a separator, times the weights, over 2^32.
   * flagd has it since 2026-03; older ones, and their providers, give other users other variants.
   *
   * @see <a href="https://github.com/open-feature/flagd/pull/1909">flagd #1909</a>
   */
  FLAGD_2("flagd-2") {
    @Override
    long fraction(String seed, String key) {
      return (long) Murmur3.hash(utf8(seed + key)) << 32;
    }
  };

  public static final int BUCKETS = 10_000;

  /** The fractional part of the golden ratio, as a 64-bit fraction. */
  public static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final String label;

  Bucketing(String label) {
    this.label = label;
  }

  /** Where the key falls in [0, 1), as an unsigned 64-bit fraction. */
  abstract long fraction(String seed, String key);

  /**
   * @param seed what is decided, such as the flag's name: each seed orders users independently;
   *     empty for none
   * @return from 0 to 9,999
   */
  public int bucket(String seed, String key) {
    return bucket(fraction(seed, key));
  }

  /** The bucket of an unsigned 64-bit fraction. */
  public static int bucket(long fraction) {
    return (int) Math.multiplyHigh(fraction >>> 1, 2L * BUCKETS);
  }

  /**
   * @param label name and version, as {@link #toString} gives them
   */
  public static Bucketing of(String label) {
    for (Bucketing bucketing : values()) {
      if (bucketing.label.equals(label)) {
        return bucketing;
      }
    }
    throw new IllegalArgumentException(
        "must be one of the algorithms %s and %s, but is '%s'".formatted(BELAY_1, FLAGD_2, label));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * SplitMix64 without its first xor-shift: neighbouring checksums must not fall into neighbouring
   * buckets.
   */
  private static long mix(long value) {
    long mixed = (value + GOLDEN) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }

  @Override
  public String toString() {
    return label;
  }
}
