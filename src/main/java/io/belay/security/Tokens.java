package io.belay.security;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.belay.security.TokenRefused.Reason;
import java.security.Principal;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.camunda.bpm.engine.IdentityService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwsHeader;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.security.oauth2.jwt.JwtEncoderParameters;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;

/**
 * Issues tokens: JSON Web Tokens (RFC 7519) signed with RS256 that identify their bearer for a few
 * minutes. They carry no rights: those are looked up at each request.
 */
public class Tokens {

  private static final Logger log = LoggerFactory.getLogger(Tokens.class);

  /** The claim that tells a person's token from a program's. */
  static final String KIND = "kind";

  /** The claim that invalidates the token when the user's password changes. */
  static final String CREDENTIALS = "credentials";

  /** A token, and when it ends. */
  public record Issued(String value, String subject, String audience, Instant expiresAt) {

    /** Without the value, which is as good as a password until it expires. */
    @Override
    public String toString() {
      return "token for %s at %s until %s".formatted(subject, audience, expiresAt);
    }
  }

  private final TokenKeys keys;
  private final TokenSettings settings;
  private final IdentityService identity;
  private final Rights rights;
  private final Clock clock;
  private final NimbusJwtEncoder encoder;

  Tokens(
      TokenKeys keys,
      TokenSettings settings,
      IdentityService identity,
      Rights rights,
      Clock clock) {
    this.keys = keys;
    this.settings = settings;
    this.identity = identity;
    this.rights = rights;
    this.clock = clock;
    this.encoder =
        new NimbusJwtEncoder((selector, none) -> selector.select(new JWKSet((JWK) keys.signing())));
  }

  /**
   * A token that identifies the caller.
   *
   * @param caller who logged in
   * @param service a user of the group {@code service} for whom an administrator asks; null for
   *     oneself
   * @param audience whom the token is for; null for Belay itself; others only for services, and
   *     only those that {@link TokenSettings#audiences} names
   * @throws TokenRefused when a rule forbids it
   */
  public Issued issue(Principal caller, String service, String audience) {
    if (caller instanceof JwtAuthenticationToken) {
      throw new TokenRefused(
          Reason.NOT_ALLOWED,
          "a token cannot be had by a token: use a name and a password, or a session");
    }
    String subject = service == null ? caller.getName() : service;
    if (!subject.equals(caller.getName())
        && !isMember(caller.getName(), Role.ADMINISTRATOR.group())) {
      throw new TokenRefused(
          Reason.NOT_ALLOWED, "only an administrator may have a token for another: " + subject);
    }
    boolean isService = isMember(subject, Role.SERVICE.group());
    if (service != null && !isService) {
      throw new TokenRefused(
          Reason.INVALID, "service: '%s' is no user of the group service".formatted(service));
    }
    Issued issued = isService ? forService(subject, audience) : forPerson(subject, audience);
    log.info("{} had a {}", caller.getName(), issued);
    return issued;
  }

  /**
   * A token for a program.
   *
   * @param audience null for Belay itself
   * @throws TokenRefused when {@code audience} is not one of the configured ones
   */
  public Issued forService(String service, String audience) {
    if (audience != null
        && !audience.equals(settings.audience())
        && !settings.audiences().contains(audience)) {
      throw new TokenRefused(
          Reason.INVALID, "audience: '%s' is not in belay.tokens.audiences".formatted(audience));
    }
    return sign(service, audience == null ? settings.audience() : audience, "service");
  }

  private Issued forPerson(String user, String audience) {
    if (audience != null && !audience.equals(settings.audience())) {
      throw new TokenRefused(
          Reason.INVALID, "audience: only a user of the group service may choose one");
    }
    return sign(user, settings.audience(), "user");
  }

  private Issued sign(String subject, String audience, String kind) {
    String credentials =
        rights
            .of(subject)
            .map(Rights.Account::credentials)
            .orElseThrow(
                () -> new TokenRefused(Reason.INVALID, "'%s' is no user".formatted(subject)));
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Instant end = now.plus(settings.lifetime());
    JwsHeader header =
        JwsHeader.with(SignatureAlgorithm.RS256)
            .keyId(keys.signing().getKeyID())
            .type("JWT")
            .build();
    JwtClaimsSet claims =
        JwtClaimsSet.builder()
            .issuer(settings.issuer())
            .subject(subject)
            .audience(List.of(audience))
            .issuedAt(now)
            .notBefore(now)
            .expiresAt(end)
            .id(UUID.randomUUID().toString())
            .claim(KIND, kind)
            .claim(CREDENTIALS, credentials)
            .build();
    String value = encoder.encode(JwtEncoderParameters.from(header, claims)).getTokenValue();
    return new Issued(value, subject, audience, end);
  }

  /** The public keys as a JSON Web Key Set (RFC 7517), for programs that check tokens. */
  public Map<String, Object> publicKeys() {
    return new JWKSet(List.<JWK>copyOf(keys.all())).toJSONObject(true);
  }

  /**
   * @see TokenKeys#rotate
   */
  public String rotate(boolean revoke, Principal caller) {
    String id = keys.rotate(revoke);
    log.warn(
        "{} made the new key {} for tokens{}",
        caller.getName(),
        id,
        revoke ? "; tokens of the earlier keys are refused" : "");
    return id;
  }

  private boolean isMember(String user, String group) {
    return identity.createUserQuery().userId(user).memberOfGroup(group).count() > 0;
  }
}
