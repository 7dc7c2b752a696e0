package io.belay.security;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.belay.security.Logins.Login;
import io.belay.security.Rights.Account;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.springframework.core.convert.converter.Converter;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;

/**
 * Checks tokens. Only RS256, only a key that is known by the token's {@code kid}, only Belay's
 * issuer and audience, only for as long as Belay itself would have issued it; what the token says
 * about algorithms or the location of keys is ignored. The rights are those of the user's current
 * groups.
 */
final class TokenAuthentication implements Converter<Jwt, AbstractAuthenticationToken> {

  private final TokenKeys keys;
  private final TokenSettings settings;
  private final Rights rights;
  private final Clock clock;

  TokenAuthentication(TokenKeys keys, TokenSettings settings, Rights rights, Clock clock) {
    this.keys = keys;
    this.settings = settings;
    this.rights = rights;
    this.clock = clock;
  }

  JwtDecoder decoder() {
    var processor = new DefaultJWTProcessor<SecurityContext>();
    processor.setJWSKeySelector(
        new JWSVerificationKeySelector<>(
            JWSAlgorithm.RS256,
            (selector, none) -> selector.select(named(selector.getMatcher().getKeyIDs()))));
    processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT));
    processor.setJWTClaimsSetVerifier((claims, none) -> {}); // validated below, with all reasons
    NimbusJwtDecoder decoder = new NimbusJwtDecoder(processor);
    decoder.setJwtValidator(this::validate);
    return decoder;
  }

  /** No key verifies a token that names no key. */
  private JWKSet named(Set<String> ids) {
    if (ids == null) {
      return new JWKSet();
    }
    return new JWKSet(
        ids.stream()
            .flatMap(id -> keys.find(id).stream())
            .<JWK>map(key -> key.toPublicJWK())
            .toList());
  }

  private OAuth2TokenValidatorResult validate(Jwt token) {
    List<String> wrong = new ArrayList<>();
    Instant now = clock.instant();
    Duration skew = settings.clockSkew();
    if (!settings.issuer().equals(token.getClaimAsString("iss"))) {
      wrong.add("its issuer is not " + settings.issuer());
    }
    if (token.getAudience() == null || !token.getAudience().contains(settings.audience())) {
      wrong.add("its audience is not " + settings.audience());
    }
    if (token.getSubject() == null || token.getSubject().isBlank()) {
      wrong.add("it does not say whose it is");
    }
    Instant end = token.getExpiresAt();
    Instant issued = token.getIssuedAt();
    if (end == null || issued == null) {
      wrong.add("it does not say when it was issued and when it ends");
    } else {
      if (!now.isBefore(end.plus(skew))) {
        wrong.add("it ended at " + end);
      }
      if (issued.isAfter(now.plus(skew))
          || token.getNotBefore() != null && token.getNotBefore().isAfter(now.plus(skew))) {
        wrong.add("it begins in the future");
      }
      if (Duration.between(issued, end).compareTo(settings.lifetime()) > 0) {
        wrong.add("it lives longer than " + settings.lifetime().toSeconds() + " s");
      }
    }
    return wrong.isEmpty()
        ? OAuth2TokenValidatorResult.success()
        : OAuth2TokenValidatorResult.failure(
            new OAuth2Error("invalid_token", String.join("; ", wrong), null));
  }

  @Override
  public AbstractAuthenticationToken convert(Jwt token) {
    String user = token.getSubject();
    Account account =
        rights
            .of(user)
            .orElseThrow(() -> new InvalidBearerTokenException("its user does not exist any more"));
    String credentials = token.getClaimAsString(Tokens.CREDENTIALS);
    if (!account.credentials().equals(credentials)) {
      throw new InvalidBearerTokenException("its user has another password since");
    }
    var login = new JwtAuthenticationToken(token, account.authorities(), user);
    login.setDetails(new Login(credentials, token.getIssuedAt()));
    return login;
  }
}
