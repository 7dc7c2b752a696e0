package io.belay.security;

import io.belay.security.Rights.Account;
import java.time.Clock;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.OptimisticLockingException;
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
  private final RightPasswords right = new RightPasswords(Clock.systemUTC());

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
    String address = ClientAddress.current();
    requireNoWait(user, address);
    Account account =
        rights
            .of(user)
            .filter(now -> right.isKnown(user, address, now.credentials(), password.toString()))
            .orElseGet(() -> checked(user, address, password.toString()));
    var login =
        UsernamePasswordAuthenticationToken.authenticated(user, null, account.authorities());
    login.setDetails(logins.of(account));
    return login;
  }

  private Account checked(String user, String address, String password) {
    if (!isRight(user, password)) {
      throw wrong();
    }
    Account account = rights.of(user).orElseThrow(EngineAuthenticationProvider::wrong);
    right.remember(user, address, account.credentials(), password);
    return account;
  }

  private boolean isRight(String user, String password) {
    try {
      return identity.checkPassword(user, password);
    } catch (OptimisticLockingException collision) {
      // Another login of that user replaced the hash at this moment.
      return identity.checkPassword(user, password);
    }
  }

  private void requireNoWait(String user, String address) {
    limits
        .waiting(user, address)
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
