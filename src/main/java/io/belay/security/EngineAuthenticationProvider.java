package io.belay.security;

import io.belay.security.Rights.Account;
import org.camunda.bpm.engine.IdentityService;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.LockedException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Component;

/** Checks a name and password against the engine's users; their groups become authorities. */
@Component
class EngineAuthenticationProvider implements AuthenticationProvider {

  private final IdentityService identity;
  private final Rights rights;
  private final Logins logins;
  private final LoginLimits limits;

  EngineAuthenticationProvider(
      IdentityService identity, Rights rights, Logins logins, LoginLimits limits) {
    this.identity = identity;
    this.rights = rights;
    this.logins = logins;
    this.limits = limits;
  }

  @Override
  public Authentication authenticate(Authentication attempt) {
    String user = attempt.getName();
    Object password = attempt.getCredentials();
    if (user == null || password == null) {
      throw wrong();
    }
    requireNoWait(user);
    if (!identity.checkPassword(user, password.toString())) {
      throw wrong();
    }
    Account account = rights.of(user).orElseThrow(EngineAuthenticationProvider::wrong);
    var login =
        UsernamePasswordAuthenticationToken.authenticated(user, null, account.authorities());
    login.setDetails(logins.of(account));
    return login;
  }

  private void requireNoWait(String user) {
    limits
        .waiting(user, ClientAddress.current())
        .ifPresent(
            wait -> {
              throw new LockedException(
                  "Wrong passwords came from your address; the next one is looked at in %d s."
                      .formatted(wait.toSeconds() + 1));
            });
  }

  private static BadCredentialsException wrong() {
    return new BadCredentialsException("name or password is wrong");
  }

  @Override
  public boolean supports(Class<?> authentication) {
    return UsernamePasswordAuthenticationToken.class.isAssignableFrom(authentication);
  }
}
