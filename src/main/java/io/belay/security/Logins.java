package io.belay.security;

import io.belay.security.Rights.Account;
import java.io.Serializable;
import java.security.Principal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Component;

/**
 * Whether a login still counts: the user exists, has the password that the login was made with, and
 * logged in no longer ago than {@link SecuritySettings#sessionLifetime()}. Asks the engine's tables
 * each time, so that a removed user is out at the next request, on every node.
 */
@Component
public class Logins {

  /** What a session or a token remembers; the authentication carries it as its details. */
  record Login(String credentials, Instant at) implements Serializable {}

  private final Rights rights;
  private final Duration lifetime;
  private final Clock clock;

  @Autowired
  Logins(Rights rights, SecuritySettings settings) {
    this(rights, settings, Clock.systemUTC());
  }

  Logins(Rights rights, SecuritySettings settings, Clock clock) {
    this.rights = rights;
    this.lifetime = settings.sessionLifetime();
    this.clock = clock;
  }

  /** A login of this moment. */
  Login of(Account account) {
    return new Login(account.credentials(), clock.instant());
  }

  /** The user's current account; empty when the login no longer counts. */
  Optional<Account> current(Authentication authentication) {
    if (!(authentication.getDetails() instanceof Login login)
        || clock.instant().isAfter(login.at().plus(lifetime))) {
      return Optional.empty();
    }
    return rights
        .of(authentication.getName())
        .filter(account -> account.credentials().equals(login.credentials()));
  }

  /** Whether the login counts and the caller still has every right granted at the login. */
  public boolean stillHolds(Principal caller) {
    return caller instanceof Authentication authentication
        && current(authentication)
            .filter(now -> now.authorities().containsAll(authentication.getAuthorities()))
            .isPresent();
  }
}
