package io.belay.security;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Remembers for a few minutes which password was right, so that a client that sends it with each
 * request does not pay for the slow hash each time. Keeps no password, only its HMAC under a key
 * that exists in this process only, bound to what is stored for the user at that time. It counts
 * only for the address that sent it: from elsewhere guesses would be answered faster than {@link
 * LoginLimits} allows.
 */
final class RightPasswords {

  private static final Duration REMEMBERED = Duration.ofMinutes(5);
  private static final int MOST = 1000;

  private record Right(byte[] code, Instant until) {}

  private record Place(String user, String address) {}

  private final SecretKeySpec key;
  private final Clock clock;
  private final Map<Place, Right> rights = new ConcurrentHashMap<>();

  RightPasswords(Clock clock) {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    this.key = new SecretKeySpec(random, "HmacSHA256");
    this.clock = clock;
  }

  /**
   * @param credentials {@link Rights.Account#credentials()} of this moment
   */
  boolean isKnown(String user, String address, String credentials, String password) {
    Right right = rights.get(new Place(user, address));
    return right != null
        && clock.instant().isBefore(right.until())
        && MessageDigest.isEqual(right.code(), code(user, credentials, password));
  }

  void remember(String user, String address, String credentials, String password) {
    if (rights.size() >= MOST) {
      rights.clear();
    }
    rights.put(
        new Place(user, address),
        new Right(code(user, credentials, password), clock.instant().plus(REMEMBERED)));
  }

  private byte[] code(String user, String credentials, String password) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      String text = user + '\0' + credentials + '\0' + password;
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
