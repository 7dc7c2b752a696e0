package io.belay.journal;

import io.belay.file.PrivateFiles;
import io.belay.target.InvalidSetting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Computes the code (HMAC-SHA-256) that proves that this Belay wrote an anchor. */
final class AnchorKey {

  private static final int LEAST_CHARACTERS = 32;

  /** Keeps the codes apart from whatever else the same secret protects. */
  private static final String PURPOSE = "belay journal anchor";

  private final SecretKeySpec key;

  private AnchorKey(byte[] secret) {
    this.key =
        new SecretKeySpec(
            code(new SecretKeySpec(secret, "HmacSHA256"), PURPOSE.getBytes(StandardCharsets.UTF_8)),
            "HmacSHA256");
  }

  /**
   * The configured key, or the one in the directory, which is made if there is none.
   *
   * @throws InvalidSetting when the configured key is too short
   */
  static AnchorKey of(JournalSettings settings, Path directory) throws IOException {
    if (!settings.key().isPresent()) {
      return new AnchorKey(readOrMake(directory.resolve("key")));
    }
    String secret = settings.key().reveal().strip();
    if (secret.length() < LEAST_CHARACTERS) {
      throw new InvalidSetting(
          "belay.journal.key has %d characters; it must have at least %d, as made by `openssl rand -base64 32`"
              .formatted(secret.length(), LEAST_CHARACTERS));
    }
    return new AnchorKey(secret.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] readOrMake(Path file) throws IOException {
    if (!Files.exists(file)) {
      byte[] random = new byte[32];
      new SecureRandom().nextBytes(random);
      Path part = file.resolveSibling(".key.part");
      PrivateFiles.write(part, Base64.getEncoder().encode(random));
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return Files.readString(file).strip().getBytes(StandardCharsets.UTF_8);
  }

  String code(byte[] content) {
    return HexFormat.of().formatHex(code(key, content));
  }

  private static byte[] code(SecretKeySpec key, byte[] content) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return mac.doFinal(content);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no HMAC-SHA-256", e);
    }
  }
}
