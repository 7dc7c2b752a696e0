package io.belay.artifact;

import com.google.crypto.tink.StreamingAead;
import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import io.belay.target.InvalidSetting;
import io.belay.target.Secret;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Optional;

/**
 * Streaming authenticated encryption (AES256-GCM-HKDF, segments of 8 KiB): an artifact of any size
 * is encrypted and authenticated in one pass, and a changed, reordered or missing segment is
 * detected while reading. The artifact's id is authenticated too, so one backup cannot pass for
 * another.
 */
final class ArtifactEncryption {

  private static final int KEY_BYTES = 32;

  /**
   * Small on purpose: Java encrypts slowly until its compiler has seen thousands of calls, one per
   * segment. With 1 MiB the first 400 MB took seven times the processor time.
   */
  private static final int SEGMENT_BYTES = 8 << 10;

  private final StreamingAead aead;

  private ArtifactEncryption(StreamingAead aead) {
    this.aead = aead;
  }

  /**
   * The encryption for a configured key; empty when no key is configured.
   *
   * @throws IllegalArgumentException naming the property and the rule, never the value
   */
  static Optional<ArtifactEncryption> of(Secret key) {
    if (!key.isPresent()) {
      return Optional.empty();
    }
    byte[] raw;
    try {
      raw = Base64.getDecoder().decode(key.reveal().strip());
    } catch (IllegalArgumentException e) { // its message shows characters of the key
      throw badKey("is not base64");
    }
    if (raw.length != KEY_BYTES) {
      throw badKey("holds %d bytes".formatted(raw.length));
    }
    try {
      return Optional.of(
          new ArtifactEncryption(
              new AesGcmHkdfStreaming(raw, "HmacSha256", KEY_BYTES, SEGMENT_BYTES, 0)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no AES-GCM or HMAC-SHA-256", e);
    }
  }

  private static InvalidSetting badKey(String what) {
    return new InvalidSetting(
        "belay.artifacts.key %s; it must be exactly %d random bytes in base64, as made by `openssl rand -base64 %d`"
            .formatted(what, KEY_BYTES, KEY_BYTES));
  }

  OutputStream encrypting(OutputStream out, String id) throws IOException {
    try {
      return aead.newEncryptingStream(out, id.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IOException("artifact %s cannot be encrypted".formatted(id), e);
    }
  }

  InputStream decrypting(InputStream in, String id) throws IOException {
    try {
      return new Decrypting(aead.newDecryptingStream(in, id.getBytes(StandardCharsets.UTF_8)), id);
    } catch (GeneralSecurityException e) {
      throw unreadable(id, e);
    }
  }

  private static IOException unreadable(String id, Exception cause) {
    return new IOException(
        "artifact %s cannot be decrypted: its file is damaged, or belay.artifacts.key is not the key it was written with"
            .formatted(id),
        cause);
  }

  /** Names the artifact that cannot be read; the library's errors do not. */
  private static final class Decrypting extends FilterInputStream {

    private final String id;

    Decrypting(InputStream in, String id) {
      super(in);
      this.id = id;
    }

    @Override
    public int read() throws IOException {
      try {
        return super.read();
      } catch (IOException e) {
        throw unreadable(id, e);
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        return super.read(bytes, offset, length);
      } catch (IOException e) {
        throw unreadable(id, e);
      }
    }
  }
}
