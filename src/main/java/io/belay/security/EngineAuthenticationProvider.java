package io.belay.security;

import java.util.List;
import org.camunda.bpm.engine.IdentityService;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Component;

/** Checks a name and password against the engine's users; their groups become authorities. */
@Component
class EngineAuthenticationProvider implements AuthenticationProvider {

  private final IdentityService identity;
  private final Rights rights;

  EngineAuthenticationProvider(IdentityService identity, Rights rights) {
    this.identity = identity;
    this.rights = rights;
  }

  @Override
  public Authentication authenticate(Authentication attempt) {
    String user = attempt.getName();
    Object password = attempt.getCredentials();
    if (user == null || password == null || !identity.checkPassword(user, password.toString())) {
      throw new BadCredentialsException("name or password is wrong");
    }
    return UsernamePasswordAuthenticationToken.authenticated(
        user, null, rights.of(user).orElse(List.of()));
  }

  @Override
  public boolean supports(Class<?> authentication) {
    return UsernamePasswordAuthenticationToken.class.isAssignableFrom(authentication);
  }
}
