package io.belay.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.identity.User;
import org.camunda.bpm.engine.impl.persistence.entity.UserEntity;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.stereotype.Component;

/** What the engine's tables say now about a user. */
@Component
class Rights {

  /**
   * A user who exists.
   *
   * @param authorities from the user's groups
   * @param credentials a text that differs after each change of the password, and for a later user
   *     of the same name; reveals nothing about the password
   */
  record Account(List<SimpleGrantedAuthority> authorities, String credentials) {}

  private final IdentityService identity;

  Rights(IdentityService identity) {
    this.identity = identity;
  }

  /** Empty when there is no such user. */
  Optional<Account> of(String user) {
    return Optional.ofNullable(identity.createUserQuery().userId(user).singleResult())
        .map(found -> new Account(authorities(user), credentials(found)));
  }

  private List<SimpleGrantedAuthority> authorities(String user) {
    return identity.createGroupQuery().groupMember(user).list().stream()
        .map(group -> new SimpleGrantedAuthority("ROLE_" + group.getId().toUpperCase(Locale.ROOT)))
        .toList();
  }

  /** The engine makes a new random salt of 16 bytes with each password. */
  private static String credentials(User user) {
    String stored = ((UserEntity) user).getSalt() + '\n' + user.getPassword();
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(stored.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
