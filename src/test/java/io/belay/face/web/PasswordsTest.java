package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.face.web.Caller.Answer;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import org.camunda.bpm.engine.BadUserRequestException;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.identity.User;
import org.camunda.bpm.engine.impl.digest.Sha512HashDigest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Passwords outside the playground: one rule at every place that sets one, and how they are kept.
 */
@Import({CountingSteps.class, Caller.class})
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "spring.datasource.url=jdbc:h2:mem:passwords;DB_CLOSE_DELAY=-1",
      "camunda.bpm.process-engine-name=passwords", // not the one of other tests
      "belay.processes=src/test/resources/web/processes",
      "belay.environments=src/test/resources/web/environments",
      "belay.artifacts.directory=target/passwords-test-artifacts",
      "belay.security.users.adam.password=" + PasswordsTest.GOOD,
      "belay.security.users.adam.roles=administrator"
    })
class PasswordsTest {

  static final String GOOD = "correct horse battery";

  @Autowired Caller caller;
  @Autowired IdentityService identity;
  @Autowired JdbcTemplate jdbc;

  @BeforeEach
  void createPaula() {
    User paula = identity.newUser("paula");
    paula.setFirstName("Paula");
    paula.setEmail("p@example.org");
    paula.setPassword(GOOD);
    identity.saveUser(paula);
    identity.createMembership("paula", "viewer");
  }

  @AfterEach
  void removePaula() {
    identity.deleteUser("paula");
    identity.deleteUser("peter");
  }

  @ParameterizedTest
  @CsvSource({
    "a, must have at least 12 characters",
    "'', must have at least 12 characters",
    "elevenchars, must have at least 12 characters",
    "Password12345, must not be a default",
    "ADMINISTRATOR-1, must not be a default",
    "the-paula-of-1999, must not hold the user's name",
    "mail:p@example.org, must not hold the user's name or address"
  })
  void weakPassword_isRefusedWhereverItIsSet(String password, String rule) throws Exception {
    String stored = stored();
    String credentials =
        "{\"password\":\"%s\",\"authenticatedUserPassword\":\"%s\"}".formatted(password, GOOD);
    for (String user : new String[] {"adam", "paula"}) {
      Answer refused =
          put(user, "/engine-rest/engine/passwords/user/paula/credentials", credentials);
      assertThat(refused.status()).as(user + ": " + refused.text()).isEqualTo(400);
      assertThat(refused.text()).contains("The password was not set: it " + rule);
    }
    Session admin = new Session(caller);
    admin.login("adam", GOOD);
    var refused =
        admin.webapps("PUT", "/engine/engine/passwords/user/paula/credentials", credentials);
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
    assertThat(refused.body()).contains("The password was not set: it " + rule);
    User paula = identity.createUserQuery().userId("paula").singleResult();
    paula.setPassword(password);
    assertThatThrownBy(() -> identity.saveUser(paula))
        .isInstanceOf(BadUserRequestException.class)
        .hasMessageContaining(rule);

    assertThat(stored()).isEqualTo(stored);
  }

  @Test
  void userWithAWeakPassword_isNotCreated() throws Exception {
    String peter =
        "{\"profile\":{\"id\":\"peter\",\"firstName\":\"Peter\"},\"credentials\":{\"password\":\"%s\"}}";
    for (String password : new String[] {"a", "my name is PETER"}) {
      Answer refused =
          caller.send(
              null,
              by("adam", "/engine-rest/engine/passwords/user/create")
                  .POST(BodyPublishers.ofString(peter.formatted(password))));
      assertThat(refused.status()).as(refused.text()).isEqualTo(400);
      Session admin = new Session(caller);
      admin.login("adam", GOOD);
      var refusedThere =
          admin.webapps("POST", "/engine/engine/passwords/user/create", peter.formatted(password));
      assertThat(refusedThere.statusCode()).as(refusedThere.body()).isEqualTo(400);
    }
    assertThat(identity.createUserQuery().userId("peter").count()).isZero();
    assertThat(
            caller
                .send(
                    null,
                    by("adam", "/engine-rest/engine/passwords/user/create")
                        .POST(BodyPublishers.ofString(peter.formatted("staple of horses"))))
                .status())
        .isEqualTo(204);
    assertThat(identity.createUserQuery().userId("peter").count()).isOne();
  }

  @Test
  void rules_areShownWhereAPasswordIsChosen() {
    Answer policy =
        caller.send(
            null, by("paula", "/engine-rest/engine/passwords/identity/password-policy").GET());
    assertThat(policy.status()).isEqualTo(200);
    assertThat(policy.text()).contains("PASSWORD_POLICY_LENGTH", "\"minLength\":\"12\"");
    Answer checked =
        caller.send(
            null,
            by("paula", "/engine-rest/engine/passwords/identity/password-policy")
                .POST(BodyPublishers.ofString("{\"password\":\"a\"}")));
    assertThat(checked.status()).isEqualTo(200);
    assertThat(checked.body().path("valid").asBoolean()).isFalse();
  }

  @Test
  void passwords_areKeptByBcrypt_toTheirLastCharacter() {
    assertThat(stored()).startsWith("{spring}{bcrypt}$2a$11$");
    String lengthy = "x".repeat(100);
    User paula = identity.createUserQuery().userId("paula").singleResult();
    paula.setPassword(lengthy + "1");
    identity.saveUser(paula);
    assertThat(identity.checkPassword("paula", lengthy + "1")).isTrue();
    assertThat(identity.checkPassword("paula", lengthy + "2")).isFalse();
  }

  @Test
  void oldHash_isReplacedAtTheNextLogin_andNotByAWrongPassword() throws Exception {
    String salt = "c2FsdCBvZiB0aGUgZWFydGg=";
    String old = "{SHA-512}" + new Sha512HashDigest().encrypt(GOOD + salt);
    jdbc.update("UPDATE ACT_ID_USER SET PWD_ = ?, SALT_ = ? WHERE ID_ = 'paula'", old, salt);
    identity.checkPassword("paula", "wrong " + UUID.randomUUID());
    identity.unlockUser("paula");
    assertThat(stored()).isEqualTo(old);

    Session session = new Session(caller);
    assertThat(session.login("paula", GOOD).headers().firstValue("Location").orElseThrow())
        .doesNotContain("error");

    assertThat(stored()).startsWith("{spring}{bcrypt}$2a$11$");
    assertThat(session.get("/api/runs").statusCode()).isEqualTo(200);
    assertThat(caller.send(null, by("paula", "/api/runs").GET()).status()).isEqualTo(200);
  }

  @Test
  void passwordThatWasRightAMinuteAgo_isWrongOnceItIsChanged() {
    assertThat(caller.send(null, by("paula", "/api/runs").GET()).status()).isEqualTo(200);
    User paula = identity.createUserQuery().userId("paula").singleResult();
    paula.setPassword("another horse battery");
    identity.saveUser(paula);
    assertThat(caller.send(null, by("paula", "/api/runs").GET()).status()).isEqualTo(401);
    identity.unlockUser("paula");
  }

  private String stored() {
    return jdbc.queryForObject("SELECT PWD_ FROM ACT_ID_USER WHERE ID_ = 'paula'", String.class);
  }

  private Answer put(String user, String path, String body) {
    return caller.send(null, by(user, path).PUT(BodyPublishers.ofString(body)));
  }

  private HttpRequest.Builder by(String user, String path) {
    String credentials =
        Base64.getEncoder().encodeToString((user + ":" + GOOD).getBytes(StandardCharsets.UTF_8));
    return HttpRequest.newBuilder(caller.uri(path))
        .header("Authorization", "Basic " + credentials)
        .header("Content-Type", "application/json");
  }
}
