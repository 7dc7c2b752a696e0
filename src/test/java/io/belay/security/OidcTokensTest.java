package io.belay.security;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.jwt.JwtException;

class OidcTokensTest {

  @Test
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD, unit = TimeUnit.SECONDS)
  void providerThatNeverSendsItsKeys_keepsALoginWaitingForSecondsOnly() throws Exception {
    // It takes connections, and says nothing.
    try (ServerSocket provider = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String address = "http://127.0.0.1:" + provider.getLocalPort();
      ClientRegistration registration =
          ClientRegistration.withRegistrationId("oidc")
              .clientId("belay")
              .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
              .redirectUri("{baseUrl}/back")
              .authorizationUri(address + "/authorize")
              .tokenUri(address + "/token")
              .jwkSetUri(address + "/keys")
              .build();

      assertThatThrownBy(() -> new OidcTokens().createDecoder(registration).decode(token()))
          .isInstanceOf(JwtException.class)
          .hasStackTraceContaining("timed out");
    }
  }

  private static String token() throws Exception {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("one").build(),
            new JWTClaimsSet.Builder().subject("somebody").build());
    token.sign(new RSASSASigner(new RSAKeyGenerator(2048).keyID("one").generate()));
    return token.serialize();
  }
}
