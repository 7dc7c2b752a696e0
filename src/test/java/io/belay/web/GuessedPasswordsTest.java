package io.belay.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.Socket;
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

  private static final String HERE = "127.0.0.1";
  private static final String ELSEWHERE = "127.0.0.66";

  @Autowired Caller caller;
  @Autowired IdentityService identity;

  @BeforeEach
  void createNora() {
    User nora = identity.newUser("nora");
    nora.setPassword("nora");
    identity.saveUser(nora);
    identity.createMembership("nora", "operator");
  }

  @AfterEach
  void removeNora() {
    identity.unlockUser("nora");
    identity.deleteUser("nora");
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
    try (Socket socket = new Socket()) {
      socket.bind(new InetSocketAddress(address, 0));
      socket.connect(new InetSocketAddress(HERE, caller.uri("/").getPort()));
      String request =
          "GET /api/runs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic %s\r\nConnection: close\r\n\r\n"
              .formatted(credentials);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
