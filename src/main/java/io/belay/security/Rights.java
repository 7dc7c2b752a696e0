package io.belay.security;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.camunda.bpm.engine.IdentityService;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.stereotype.Component;

/** What the engine's groups say now about a user. */
@Component
class Rights {

  private final IdentityService identity;

  Rights(IdentityService identity) {
    this.identity = identity;
  }

  /** The groups of that user as authorities; empty when there is no such user. */
  Optional<List<SimpleGrantedAuthority>> of(String user) {
    if (identity.createUserQuery().userId(user).count() == 0) {
      return Optional.empty();
    }
    return Optional.of(
        identity.createGroupQuery().groupMember(user).list().stream()
            .map(
                group ->
                    new SimpleGrantedAuthority("ROLE_" + group.getId().toUpperCase(Locale.ROOT)))
            .toList());
  }
}
