package io.belay.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import io.belay.security.TokenRefused.Reason;
import io.belay.target.Secret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.security.converter.RsaKeyConverters;

/** Keys that the operator provides, as {@link TokenSettings} names them; read once at the start. */
final class ConfiguredTokenKeys implements TokenKeys {

  private static final int SHORTEST = 2048;

  private final List<RSAKey> keys = new ArrayList<>();

  /**
   * @throws IllegalStateException when a key cannot be read or is too short; names the setting and
   *     never shows the key
   */
  ConfiguredTokenKeys(Secret signing, List<Secret> former) {
    RSAKey key = read("belay.tokens.key", signing);
    if (!key.isPrivate()) {
      throw new IllegalStateException("belay.tokens.key must be a private key: it signs");
    }
    keys.add(key);
    for (int i = 0; i < former.size(); i++) {
      keys.add(read("belay.tokens.former-keys[%d]".formatted(i), former.get(i)).toPublicJWK());
    }
  }

  @Override
  public RSAKey signing() {
    return keys.get(0);
  }

  @Override
  public Optional<RSAKey> find(String id) {
    return keys.stream().filter(key -> key.getKeyID().equals(id)).findFirst();
  }

  @Override
  public List<RSAKey> all() {
    return List.copyOf(keys);
  }

  @Override
  public String rotate(boolean revoke) {
    throw new TokenRefused(
        Reason.INVALID,
        "the key comes from belay.tokens.key: change it there, name the old one in"
            + " belay.tokens.former-keys for as long as its tokens shall count, and restart");
  }

  private static RSAKey read(String setting, Secret value) {
    try {
      String pem = pem(value.reveal().strip());
      RSAKey.Builder key =
          pem.contains("PUBLIC KEY") ? new RSAKey.Builder(publicKey(pem)) : privateKey(pem);
      RSAKey read =
          key.keyIDFromThumbprint().keyUse(KeyUse.SIGNATURE).algorithm(JWSAlgorithm.RS256).build();
      if (read.size() < SHORTEST) {
        throw new IllegalStateException(
            "%s has %d bits; it must have %d or more".formatted(setting, read.size(), SHORTEST));
      }
      return read;
    } catch (IOException
        | GeneralSecurityException
        | JOSEException
        | IllegalArgumentException unreadable) {
      // Without the cause: its message may quote the key.
      throw new IllegalStateException(
          ("%s cannot be read (%s): it must be an RSA key in PEM, private as PKCS #8 (openssl genpkey"
                  + " -algorithm RSA -pkeyopt rsa_keygen_bits:2048), or the path of a file with one")
              .formatted(setting, unreadable.getClass().getSimpleName()));
    }
  }

  private static String pem(String value) throws IOException {
    return value.startsWith("-----BEGIN") ? value : Files.readString(Path.of(value)).strip();
  }

  private static RSAPublicKey publicKey(String pem) {
    return RsaKeyConverters.x509().convert(stream(pem));
  }

  private static RSAKey.Builder privateKey(String pem) throws GeneralSecurityException {
    RSAPrivateKey key = RsaKeyConverters.pkcs8().convert(stream(pem));
    if (!(key instanceof RSAPrivateCrtKey complete)) {
      throw new IllegalArgumentException("no public exponent");
    }
    BigInteger exponent = complete.getPublicExponent();
    var publicKey =
        KeyFactory.getInstance("RSA")
            .generatePublic(new RSAPublicKeySpec(complete.getModulus(), exponent));
    return new RSAKey.Builder((RSAPublicKey) publicKey).privateKey(key);
  }

  private static ByteArrayInputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8));
  }
}
