package io.belay.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import org.camunda.bpm.engine.impl.digest.PasswordEncryptor;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.DelegatingPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;

/**
 * Hashes the engine's passwords as Spring Security's delegating encoder does, with bcrypt. The
 * engine appends its salt to the password before it calls this encryptor; bcrypt reads 72 bytes at
 * most, so both are condensed to 64 characters first, and a long password counts to its last
 * character.
 */
final class SpringPasswords implements PasswordEncryptor {

  private static final String NAME = "spring";
  private static final String PREFIX = "{" + NAME + "}";
  private static final int STRENGTH = 11;

  private static final PasswordEncoder ENCODER =
      new DelegatingPasswordEncoder(
          "bcrypt", Map.of("bcrypt", new BCryptPasswordEncoder(STRENGTH)));

  private static final String NOBODYS = ENCODER.encode(condensed("nobody's"));

  @Override
  public String encrypt(String saltedPassword) {
    return ENCODER.encode(condensed(saltedPassword));
  }

  @Override
  public boolean check(String saltedPassword, String hash) {
    return ENCODER.matches(condensed(saltedPassword), hash);
  }

  /** Stored before the hash, in braces. */
  @Override
  public String hashAlgorithmName() {
    return NAME;
  }

  /** Whether a password that was just verified should be hashed again. */
  static boolean isOutdated(String stored) {
    return !stored.startsWith(PREFIX) || ENCODER.upgradeEncoding(stored.substring(PREFIX.length()));
  }

  /** Takes as long as a check, so that nobody learns which users exist. */
  static void checkNobodys(String password) {
    ENCODER.matches(condensed(password), NOBODYS);
  }

  private static String condensed(String saltedPassword) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-384")
              .digest(saltedPassword.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
