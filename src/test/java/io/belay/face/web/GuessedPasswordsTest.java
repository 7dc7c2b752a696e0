package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.security.LoginClock;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.identity.User;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Somebody guesses a password, from an address of his own: the owner does not notice. */
@WebTest
class GuessedPasswordsTest {

  private static final String HERE = RawRequest.HERE;
  private static final String ELSEWHERE = "127.0.0.66";

  @Autowired Caller caller;
  @Autowired IdentityService identity;
  @Autowired LoginClock clock;

  /** A header that nobody trusts unless a proxy is configured. */
  private int forged;

  @BeforeEach
  void createNora() {
    clock.stop();
    User nora = identity.newUser("nora");
    nora.setPassword("nora");
    identity.saveUser(nora);
    identity.createMembership("nora", "operator");
  }

  @AfterEach
  void removeNora() {
    identity.unlockUser("nora");
    identity.deleteUser("nora");
    clock.goOn();
  }

  @Test
  void guessesElsewhere_lockOutNobodyHere() throws Exception {
    for (int i = 0; i < 15; i++) {
      assertThat(from(ELSEWHERE, "nora", "guess" + i)).startsWith("HTTP/1.1 401");
    }
    assertThat(from(ELSEWHERE, "nora", "nora"))
        .startsWith("HTTP/1.1 401")
        .contains("Wrong passwords came from your address; the next one is looked at in");

    assertThat(from(HERE, "nora", "nora")).startsWith("HTTP/1.1 200");
    assertThat(from(ELSEWHERE, "olga", "olga")).startsWith("HTTP/1.1 200");
    Session session = new Session(caller);
    assertThat(session.login("nora", "nora").headers().firstValue("Location").orElseThrow())
        .doesNotContain("error");
  }

  @Test
  void ownersLoginOfAMomentAgo_isNoWayAroundTheWaiting() throws Exception {
    for (String address : new String[] {HERE, ELSEWHERE}) {
      assertThat(from(HERE, "nora", "nora")).startsWith("HTTP/1.1 200");
      assertThat(from(address, "nora", "guess")).startsWith("HTTP/1.1 401");
      assertThat(from(address, "nora", "nora")).as(address).startsWith("HTTP/1.1 401");
      identity.unlockUser("nora");
    }
  }

  @Test
  void administrator_endsTheWaiting() throws Exception {
    from(ELSEWHERE, "nora", "guess");
    assertThat(from(ELSEWHERE, "nora", "nora")).startsWith("HTTP/1.1 401");
    caller.post("olga", "/engine-rest/user/nora/unlock", "").is(403);
    assertThat(from(ELSEWHERE, "nora", "nora")).startsWith("HTTP/1.1 401");

    caller.post("adam", "/engine-rest/user/nora/unlock", "").is(204);

    assertThat(from(ELSEWHERE, "nora", "nora")).startsWith("HTTP/1.1 200");
  }

  /** Whoever finds an open session must not find out its password, or change it. */
  @Test
  void ownPasswordAskedForAtAChange_isGuessedNoFaster() {
    String token = caller.token("nora");
    for (String guess : new String[] {"guess", "nora"}) {
      var refused =
          caller.send(
              null,
              HttpRequest.newBuilder(caller.uri("/engine-rest/user/nora/credentials"))
                  .header("Authorization", "Bearer " + token)
                  .header("Content-Type", "application/json")
                  .PUT(
                      BodyPublishers.ofString(
                          "{\"password\":\"mine from now on\",\"authenticatedUserPassword\":\"%s\"}"
                              .formatted(guess))));
      assertThat(refused.status()).as(guess + ": " + refused.text()).isEqualTo(400);
    }
    assertThat(caller.getByToken(token, "/api/runs").status()).isEqualTo(200);
  }

  /** Asks for the runs, from an address of this machine, and returns all of the answer. */
  private String from(String address, String user, String password) throws Exception {
    String credentials =
        Base64.getEncoder()
            .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    return RawRequest.send(
        caller,
        address,
        "GET /api/runs HTTP/1.1",
        "Host: localhost",
        "X-Forwarded-For: 203.0.113." + ++forged,
        "Authorization: Basic " + credentials);
  }
}
