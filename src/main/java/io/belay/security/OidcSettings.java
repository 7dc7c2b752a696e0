package io.belay.security;

import io.belay.target.InvalidSetting;
import io.belay.target.Secret;
import java.net.URI;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Login by an OpenID Connect provider ({@code belay.security.oidc.*}). Without an issuer there is
 * none.
 *
 * @param issuer the provider's address, exactly as it names itself; Belay reads the rest from
 *     {@code /.well-known/openid-configuration} beneath
 * @param scopes what Belay asks for; some providers send groups only with a scope of their own
 * @param nameClaim the claim with the user's name in Belay
 * @param groupsClaim the claim with the groups; dots lead into nested claims
 * @param roles for each role the groups that have it
 */
@ConfigurationProperties("belay.security.oidc")
public record OidcSettings(
    @DefaultValue("") String issuer,
    @DefaultValue("") String clientId,
    @DefaultValue("") Secret clientSecret,
    @DefaultValue({"openid", "profile"}) List<String> scopes,
    @DefaultValue("preferred_username") String nameClaim,
    @DefaultValue("groups") String groupsClaim,
    @DefaultValue Map<Role, List<String>> roles) {

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  public OidcSettings {
    if (issuer.isBlank()) {
      require(
          clientId.isBlank() && roles.isEmpty(),
          "issuer is missing; without it there is no login by a provider");
    } else {
      require(isSafe(issuer), "issuer must be an https:// address (http:// on this machine only)");
      require(!clientId.isBlank(), "client-id is missing");
      require(clientSecret.isPresent(), "client-secret is missing");
      require(scopes.contains("openid"), "scopes must contain openid");
      require(
          roles.values().stream().anyMatch(groups -> !groups.isEmpty()),
          "roles is empty, so nobody could log in; set roles.<role> to groups of the provider");
      require(
          !roles.containsKey(Role.SERVICE),
          "roles.service is not possible: programs log in with a user of Belay's own");
    }
  }

  public boolean isOn() {
    return !issuer.isBlank();
  }

  /** The roles of a user with these claims; empty when no group is known. */
  Set<Role> rolesOf(Map<String, Object> claims) {
    Set<String> groups = Set.copyOf(texts(find(claims, groupsClaim).orElse(null)));
    Set<Role> found = EnumSet.noneOf(Role.class);
    roles.forEach(
        (role, known) -> {
          if (known.stream().anyMatch(groups::contains)) {
            found.add(role);
          }
        });
    return found;
  }

  /** The name of a claim may itself contain dots, as URLs do. */
  private static Optional<Object> find(Map<?, ?> claims, String path) {
    if (claims.get(path) != null) {
      return Optional.of(claims.get(path));
    }
    for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
      if (claims.get(path.substring(0, dot)) instanceof Map<?, ?> nested) {
        Optional<Object> found = find(nested, path.substring(dot + 1));
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  /** A text is one group, whatever it contains. */
  private static List<String> texts(Object claim) {
    if (claim instanceof String one) {
      return List.of(one);
    }
    return claim instanceof Collection<?> several
        ? several.stream().filter(String.class::isInstance).map(String.class::cast).toList()
        : List.of();
  }

  private static boolean isSafe(String issuer) {
    try {
      URI address = URI.create(issuer);
      return address.getHost() != null
          && ("https".equals(address.getScheme())
              || "http".equals(address.getScheme()) && LOOPBACK.contains(address.getHost()));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new InvalidSetting("belay.security.oidc." + rule);
    }
  }
}
