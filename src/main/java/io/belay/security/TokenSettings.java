package io.belay.security;

import io.belay.target.Secret;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Tokens for REST ({@code belay.tokens.*}).
 *
 * @param issuer the claim {@code iss}; one for all nodes on the same database
 * @param audience the claim {@code aud} of tokens for Belay itself
 * @param audiences other audiences for which a service may request a token
 * @param lifetime 30 seconds to one hour
 * @param clockSkew by how much the clocks of nodes may differ; at most one minute
 * @param key RSA private key that signs (PKCS #8 in PEM, 2048 bits or more): the text itself or the
 *     path of a file, the same on every node; empty means that Belay makes its own, keeps it in the
 *     engine's database and renews it
 * @param formerKeys keys (private or public, in PEM) that signed until {@code key} was changed
 * @param rotation age at which a key of Belay's own is replaced
 * @param encryptionKey 32 characters or more, the same on every node, with which keys of Belay's
 *     own are encrypted in the database; empty means that they are not
 */
@Validated
@ConfigurationProperties("belay.tokens")
public record TokenSettings(
    @NotBlank @DefaultValue("belay") String issuer,
    @NotBlank @DefaultValue("belay") String audience,
    @DefaultValue List<String> audiences,
    @NotNull @DefaultValue("5m") Duration lifetime,
    @NotNull @DefaultValue("10s") Duration clockSkew,
    @NotNull @DefaultValue("") Secret key,
    @DefaultValue List<Secret> formerKeys,
    @NotNull @DefaultValue("30d") Duration rotation,
    @NotNull @DefaultValue("") Secret encryptionKey) {

  public TokenSettings {
    require("lifetime", lifetime, Duration.ofSeconds(30), Duration.ofHours(1));
    require("clock-skew", clockSkew, Duration.ZERO, Duration.ofMinutes(1));
    require("rotation", rotation, Duration.ofHours(2), Duration.ofDays(3650));
  }

  private static void require(String name, Duration value, Duration least, Duration most) {
    if (value != null && (value.compareTo(least) < 0 || value.compareTo(most) > 0)) {
      throw new IllegalArgumentException(
          "belay.tokens.%s is %s; it must be from %s to %s".formatted(name, value, least, most));
    }
  }
}
