package io.belay.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.ProcessEngineException;
import org.camunda.bpm.engine.authorization.Groups;
import org.camunda.bpm.engine.identity.Group;
import org.camunda.bpm.engine.identity.User;
import org.camunda.bpm.engine.impl.IdentityServiceImpl;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Creates an ordinary engine user for each person whom the provider vouches for, so that the rest
 * of Belay knows only one kind of user. Such a user is marked by the provider's issuer and subject,
 * has exactly the groups of the last login, and no password opens the account.
 */
@Component
class OidcUsers {

  /** What a user may be called: safe in addresses, logs and the journal. */
  static final String NAME = "[a-zA-Z0-9][a-zA-Z0-9._@-]{0,63}";

  /** Key of the user's info in the engine that holds the mark. */
  static final String MARK = "belay.oidc";

  private static final Pattern NAMES = Pattern.compile(NAME);
  private static final String MARKED =
      "SELECT U.* FROM ACT_ID_USER U JOIN ACT_ID_INFO I ON I.USER_ID_ = U.ID_"
          + " WHERE I.KEY_ = #{key} AND I.VALUE_ = #{mark}";

  private final IdentityService identity;
  private final OidcSettings settings;
  private final TransactionTemplate transaction;
  private final SecureRandom random = new SecureRandom();

  OidcUsers(
      IdentityService identity, OidcSettings settings, PlatformTransactionManager transactions) {
    this.identity = identity;
    this.settings = settings;
    this.transaction = new TransactionTemplate(transactions);
  }

  /**
   * Creates the user at the first login, and sets the groups at each.
   *
   * @param person whose tokens have been checked
   * @return the user's name in Belay: that of the first login, whatever the provider calls the
   *     person later
   * @throws OAuth2AuthenticationException with an {@link OidcRefusal} as its code; the groups of a
   *     known user are taken away first when none is left
   */
  String admit(OidcUser person) {
    Set<Role> roles = settings.rolesOf(person.getClaims());
    String name;
    try {
      name = transaction.execute(status -> update(person, groups(roles)));
    } catch (ProcessEngineException e) {
      throw OidcRefusal.FAILED.because("two logins at once, or: " + e.getMessage());
    }
    if (roles.isEmpty()) {
      throw OidcRefusal.NO_ROLE.because(
          "subject '%s' has no group in claim '%s' that belay.security.oidc.roles names"
              .formatted(person.getSubject(), settings.groupsClaim()));
    }
    return name;
  }

  private String update(OidcUser person, Set<String> groups) {
    String mark = mark(person);
    User known =
        identity
            .createNativeUserQuery()
            .sql(MARKED)
            .parameter("key", MARK)
            .parameter("mark", mark)
            .singleResult();
    if (known == null && groups.isEmpty()) {
      return null;
    }
    String name = known == null ? create(person, mark) : known.getId();
    Set<String> before =
        identity.createGroupQuery().groupMember(name).list().stream()
            .map(Group::getId)
            .collect(Collectors.toSet());
    before.stream()
        .filter(group -> !groups.contains(group))
        .forEach(group -> identity.deleteMembership(name, group));
    groups.stream()
        .filter(group -> !before.contains(group))
        .forEach(group -> identity.createMembership(name, group));
    return name;
  }

  private String create(OidcUser person, String mark) {
    if (!(person.getClaims().get(settings.nameClaim()) instanceof String name)
        || !NAMES.matcher(name).matches()) {
      throw OidcRefusal.NAME.because(
          "claim '%s' of subject '%s' is missing or cannot be a user's name"
              .formatted(settings.nameClaim(), person.getSubject()));
    }
    if (identity.createUserQuery().userId(name).count() > 0) {
      throw OidcRefusal.TAKEN.because(
          "'%s' is another user already; subject '%s' is not let in by that name"
              .formatted(name, person.getSubject()));
    }
    User user = identity.newUser(name);
    user.setFirstName(name);
    user.setLastName("");
    // Nobody knows this password: it distinguishes this user from an earlier or later one, see
    // Rights.
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    user.setPassword(Base64.getEncoder().encodeToString(secret));
    // Bypasses the password rules: a random password may well contain a one-letter name.
    ((IdentityServiceImpl) identity).saveUser(user, true);
    identity.setUserInfo(name, MARK, mark);
    return name;
  }

  private static Set<String> groups(Set<Role> roles) {
    Set<String> groups =
        roles.stream().map(Role::group).collect(Collectors.toCollection(HashSet::new));
    if (roles.contains(Role.ADMINISTRATOR)) {
      groups.add(Groups.CAMUNDA_ADMIN);
    }
    return groups;
  }

  private static String mark(OidcUser person) {
    String who = person.getIssuer() + "\n" + person.getSubject();
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(who.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
