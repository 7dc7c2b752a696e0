package io.belay.security;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.subtle.AesGcmJce;
import com.google.crypto.tink.subtle.Hkdf;
import io.belay.target.InvalidSetting;
import io.belay.target.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Optional;

/**
 * How the keys that sign tokens are written to the database: encrypted (AES-256-GCM) when {@code
 * belay.tokens.encryption-key} is set, and in plain text otherwise. The key's id is authenticated
 * too, so that no key can be put in the place of another.
 */
final class TokenKeyEncryption {

  private static final int LEAST_CHARACTERS = 32;
  private static final String ENCRYPTED = "enc1:";

  /** Keeps this key apart from others that are derived from the same secret. */
  private static final byte[] PURPOSE =
      "belay keys that sign tokens".getBytes(StandardCharsets.UTF_8);

  private final Optional<Aead> aead;

  /**
   * @param secret {@code belay.tokens.encryption-key}
   * @throws InvalidSetting when it is too short
   */
  TokenKeyEncryption(Secret secret) {
    if (!secret.isPresent()) {
      aead = Optional.empty();
      return;
    }
    String value = secret.reveal().strip();
    if (value.length() < LEAST_CHARACTERS) {
      throw new InvalidSetting(
          "belay.tokens.encryption-key has %d characters; it must have at least %d, as made by `openssl rand -base64 32`"
              .formatted(value.length(), LEAST_CHARACTERS));
    }
    try {
      byte[] key =
          Hkdf.computeHkdf(
              "HMACSHA256", value.getBytes(StandardCharsets.UTF_8), new byte[0], PURPOSE, 32);
      aead = Optional.of(new AesGcmJce(key));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no AES-GCM or HMAC-SHA-256", e);
    }
  }

  /** Whether a row must be written again: it is plain text, and there is a key. */
  boolean isToEncrypt(String stored) {
    return aead.isPresent() && !stored.startsWith(ENCRYPTED);
  }

  String write(String id, String jwk) {
    if (aead.isEmpty()) {
      return jwk;
    }
    try {
      byte[] encrypted = aead.get().encrypt(jwk.getBytes(StandardCharsets.UTF_8), bytes(id));
      return ENCRYPTED + Base64.getEncoder().encodeToString(encrypted);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key that signs tokens could not be encrypted", e);
    }
  }

  /** Empty when it was encrypted with another key than the configured one, or was changed. */
  Optional<String> read(String id, String stored) {
    if (!stored.startsWith(ENCRYPTED)) {
      return Optional.of(stored);
    }
    if (aead.isEmpty()) {
      return Optional.empty();
    }
    try {
      byte[] encrypted = Base64.getDecoder().decode(stored.substring(ENCRYPTED.length()));
      byte[] plain = aead.get().decrypt(encrypted, bytes(id));
      return Optional.of(new String(plain, StandardCharsets.UTF_8));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static byte[] bytes(String id) {
    return id.getBytes(StandardCharsets.UTF_8);
  }
}
