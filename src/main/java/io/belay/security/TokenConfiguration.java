package io.belay.security;

import java.time.Clock;
import org.camunda.bpm.engine.IdentityService;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.oauth2.jwt.JwtDecoder;

/** Tokens: how they are signed, issued and checked. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(TokenSettings.class)
class TokenConfiguration {

  private static final Clock CLOCK = Clock.systemUTC();

  @Bean
  TokenKeys tokenKeys(TokenSettings settings, JdbcTemplate jdbc) {
    return settings.key().isPresent()
        ? new ConfiguredTokenKeys(settings.key(), settings.formerKeys())
        : new StoredTokenKeys(
            jdbc, new TokenKeyEncryption(settings.encryptionKey()), settings.rotation(), CLOCK);
  }

  @Bean
  Tokens tokens(TokenKeys keys, TokenSettings settings, IdentityService identity, Rights rights) {
    return new Tokens(keys, settings, identity, rights, CLOCK);
  }

  @Bean
  TokenAuthentication tokenAuthentication(TokenKeys keys, TokenSettings settings, Rights rights) {
    return new TokenAuthentication(keys, settings, rights, CLOCK);
  }

  @Bean
  JwtDecoder jwtDecoder(TokenAuthentication tokens) {
    return tokens.decoder();
  }
}
