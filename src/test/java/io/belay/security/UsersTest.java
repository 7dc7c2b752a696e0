package io.belay.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.security.SecuritySettings.Account;
import io.belay.target.InvalidSetting;
import io.belay.target.Secret;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.impl.cfg.StandaloneInMemProcessEngineConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With which users Belay starts, and with which it does not. */
class UsersTest {

  private static final String GOOD = "correct horse battery";

  private static ProcessEngine engine;
  private static IdentityService identity;

  @BeforeAll
  static void start() {
    var configuration = new StandaloneInMemProcessEngineConfiguration();
    configuration.setProcessEngineName("users" + UUID.randomUUID());
    configuration.setJdbcUrl("jdbc:h2:mem:" + UUID.randomUUID());
    configuration.setJobExecutorActivate(false);
    configuration.setDbMetricsReporterActivate(false);
    engine = configuration.buildProcessEngine();
    identity = engine.getIdentityService();
  }

  @AfterAll
  static void stop() {
    engine.close();
  }

  @AfterEach
  void forgetEverybody() {
    identity.createUserQuery().list().forEach(user -> identity.deleteUser(user.getId()));
    identity.createGroupQuery().list().forEach(group -> identity.deleteGroup(group.getId()));
    var authorizations = engine.getAuthorizationService();
    authorizations
        .createAuthorizationQuery()
        .list()
        .forEach(authorization -> authorizations.deleteAuthorization(authorization.getId()));
  }

  private void startWith(boolean playground, Map<String, Account> users) {
    new Users(
            identity,
            new Permissions(engine.getAuthorizationService()),
            new SecuritySettings(playground, users, Duration.ofHours(12)))
        .afterPropertiesSet();
  }

  private static Map<String, Account> users(String name, String password, Role... roles) {
    Map<String, Account> users = new LinkedHashMap<>();
    users.put("root", new Account(Secret.of(GOOD), List.of(Role.ADMINISTRATOR)));
    users.put(name, new Account(Secret.of(password), List.of(roles)));
    return users;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "short-1",
        "password1234",
        "Password-2026!",
        "administrator",
        "administrator1",
        "operator123456",
        "my name is olga",
      })
  void passwordThatAnybodyCanGuess_isRefused_byItsPropertyNotItsValue(String password) {
    assertThatThrownBy(() -> startWith(false, users("olga", password, Role.OPERATOR)))
        .isInstanceOf(InvalidSetting.class)
        .hasMessageContaining("belay.security.users.olga.password")
        .satisfies(
            refused -> {
              if (!password.isEmpty()) {
                assertThat(refused.getMessage()).doesNotContain(password);
              }
            });
    assertThat(identity.createUserQuery().count()).isZero();
  }

  @Test
  void noAdministrator_isRefused_withTheProperties() {
    assertThatThrownBy(() -> startWith(false, Map.of()))
        .hasMessageContainingAll(
            "no administrator",
            "belay.security.users.<name>.password",
            "belay.security.users.<name>.roles=administrator");
    assertThatThrownBy(
            () ->
                startWith(
                    false, Map.of("olga", new Account(Secret.of(GOOD), List.of(Role.OPERATOR)))))
        .hasMessageContaining("no administrator");
  }

  @Test
  void users_areCreatedOnce_withTheirRoles() {
    startWith(false, users("olga", "another good one", Role.OPERATOR, Role.APPROVER));
    startWith(false, users("olga", "a later password", Role.VIEWER));

    assertThat(identity.checkPassword("olga", "another good one")).isTrue();
    assertThat(identity.createGroupQuery().groupMember("olga").list())
        .extracting(group -> group.getId())
        .containsExactlyInAnyOrder("operator", "approver");
    assertThat(identity.createGroupQuery().groupType("WORKFLOW").list())
        .extracting(group -> group.getId())
        .containsExactlyInAnyOrder("viewer", "operator", "approver", "administrator", "service");
  }

  @Test
  void administratorOfAnEarlierStart_isEnough() {
    startWith(false, users("olga", "another good one", Role.OPERATOR));
    startWith(false, Map.of());
  }

  @Test
  void playground_allowsWellKnownPasswords() {
    startWith(true, users("operator", "operator", Role.OPERATOR));
    assertThat(identity.checkPassword("operator", "operator")).isTrue();
  }
}
