package io.belay.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class OidcSettingsTest {

  private static final Map<String, String> RIGHT =
      Map.of(
          "issuer", "https://login.example.com",
          "client-id", "belay",
          "client-secret", "a secret",
          "roles.approver", "release managers,leads",
          "roles.viewer", "everybody");

  @Test
  void nothingSet_isOff() {
    assertThat(bind(Map.of()).isOn()).isFalse();
    assertThat(bind(RIGHT).isOn()).isTrue();
  }

  @ParameterizedTest
  @MethodSource
  void claims_giveRoles(String claim, Map<String, Object> claims, List<Role> roles) {
    OidcSettings settings = bind(with(RIGHT, "groups-claim", claim));
    assertThat(settings.rolesOf(claims)).containsExactlyElementsOf(roles);
  }

  static Stream<Arguments> claims_giveRoles() {
    List<Role> approver = List.of(Role.APPROVER);
    List<Role> none = List.of();
    Map<String, Object> nested =
        Map.of("realm_access", Map.of("roles", List.of("leads", "others")));
    return Stream.of(
        Arguments.of("groups", Map.of("groups", List.of("leads")), approver),
        Arguments.of(
            "groups",
            Map.of("groups", List.of("leads", "everybody")),
            List.of(Role.VIEWER, Role.APPROVER)),
        Arguments.of("groups", Map.of("groups", "release managers"), approver),
        Arguments.of("groups", Map.of("groups", "leads everybody"), none),
        Arguments.of("groups", Map.of("groups", "leads,everybody"), none),
        Arguments.of("groups", Map.of("groups", List.of("approver", "Leads", " leads")), none),
        Arguments.of("groups", Map.of("groups", List.of(Map.of("name", "leads"), 7)), none),
        Arguments.of("groups", Map.of("groups", Map.of("leads", true)), none),
        Arguments.of("groups", Map.of(), none),
        Arguments.of("realm_access.roles", nested, approver),
        Arguments.of("realm_access.other", nested, none),
        Arguments.of("realm_access", nested, none),
        Arguments.of("groups.of.mine", Map.of("groups", "leads"), none),
        Arguments.of(
            "https://example.com/roles",
            Map.of("https://example.com/roles", List.of("leads")),
            approver),
        Arguments.of(
            "https://example.com/app.roles",
            Map.of("https://example.com/app", Map.of("roles", List.of("leads"))),
            approver));
  }

  @ParameterizedTest
  @CsvSource({
    "issuer, '', issuer is missing",
    "issuer, http://login.example.com, https",
    "issuer, http://localhost.example.com, https",
    "issuer, login.example.com, https",
    "issuer, 'https://', https",
    "client-id, '', client-id",
    "client-secret, '', client-secret",
    "scopes, profile, openid",
    "roles.service, programs, roles.service",
  })
  void wrongSetting_isNamed(String key, String value, String named) {
    assertThatThrownBy(() -> bind(with(RIGHT, key, value)))
        .rootCause()
        .hasMessageContaining("belay.security.oidc." + (key.equals("issuer") ? "issuer" : key))
        .hasMessageContaining(named)
        .hasMessageNotContaining("a secret");
  }

  @Test
  void noRole_isRefused() {
    Map<String, String> without = new HashMap<>(RIGHT);
    without.keySet().removeIf(key -> key.startsWith("roles."));
    assertThatThrownBy(() -> bind(without))
        .rootCause()
        .hasMessageContaining("belay.security.oidc.roles is empty");
  }

  private static Map<String, String> with(Map<String, String> settings, String key, String value) {
    Map<String, String> changed = new HashMap<>(settings);
    changed.put(key, value);
    return changed;
  }

  private static OidcSettings bind(Map<String, String> settings) {
    Map<String, String> named = new HashMap<>();
    settings.forEach((key, value) -> named.put("belay.security.oidc." + key, value));
    return new Binder(new MapConfigurationPropertySource(named))
        .bindOrCreate("belay.security.oidc", OidcSettings.class);
  }
}
