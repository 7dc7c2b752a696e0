package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.identity.User;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;

/** What a login is worth after the user was removed, lost a group or has another password. */
@WebTest
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class EndOfLoginsTest {

  private static final String DEFINITIONS = "/engine/engine/default/process-definition";

  /** What an administrator does about a user, and what the user's next request is answered. */
  enum Change {
    REMOVED(401, identity -> identity.deleteUser("mona")),
    ANOTHER_PASSWORD(401, identity -> setPassword(identity, "another long one")),
    SAME_PASSWORD_SET_AGAIN(401, identity -> setPassword(identity, "mona")),
    MADE_AGAIN(
        401,
        identity -> {
          identity.deleteUser("mona");
          create(identity, "mona");
        }),
    NO_ADMINISTRATOR_ANY_MORE(403, identity -> identity.deleteMembership("mona", "administrator"));

    private final int status;
    private final Consumer<IdentityService> act;

    Change(int status, Consumer<IdentityService> act) {
      this.status = status;
      this.act = act;
    }
  }

  @Autowired Caller caller;
  @Autowired IdentityService identity;

  @BeforeEach
  void createMona() {
    create(identity, "mona");
  }

  @AfterEach
  void removeMona() {
    identity.deleteUser("mona");
  }

  @ParameterizedTest
  @EnumSource
  void session_isWorthWhatTheUserIsNow(Change change) throws Exception {
    Session session = new Session(caller);
    session.login("mona", "mona");
    assertThat(session.get("/api/migration/status").statusCode()).isNotIn(401, 403);
    assertThat(session.get("/camunda/api" + DEFINITIONS).statusCode()).isEqualTo(200);

    change.act.accept(identity);

    assertThat(session.get("/api/migration/status").statusCode()).isEqualTo(change.status);
    assertThat(session.get("/camunda/api" + DEFINITIONS).statusCode()).isEqualTo(change.status);
    assertThat(session.webapps("POST", "/engine/engine/default/group/create", "{}").statusCode())
        .isEqualTo(change.status);
    assertThat(session.get("/").statusCode()).isEqualTo(change.status == 401 ? 302 : 403);
    assertThat(session.get("/camunda/app/cockpit/default/").statusCode())
        .isEqualTo(change.status == 401 ? 302 : 403);
  }

  @Test
  void webapps_tellTheGroupsOfThisMoment() throws Exception {
    Session session = new Session(caller);
    identity.createMembership("mona", "viewer");
    session.login("mona", "mona");
    String user = "/camunda/api/admin/auth/user/default";
    assertThat(session.get("/camunda/app/cockpit/default/").statusCode()).isEqualTo(200);
    assertThat(session.get(user).body()).contains("\"admin\"");

    identity.deleteMembership("mona", "administrator");

    assertThat(session.get(user).body()).contains("\"cockpit\"").doesNotContain("\"admin\"");
    assertThat(session.get("/camunda/api" + DEFINITIONS).statusCode()).isEqualTo(200);
    assertThat(session.get("/camunda/api/engine/engine/default/authorization").statusCode())
        .isEqualTo(403);
  }

  @ParameterizedTest
  @EnumSource
  void token_isWorthWhatTheUserIsNow(Change change) {
    String token = caller.token("mona");
    assertThat(caller.getByToken(token, "/api/migration/status").status()).isNotIn(401, 403);

    change.act.accept(identity);

    for (String path :
        new String[] {"/api/migration/status", "/engine-rest/authorization", "/api/runs"}) {
      caller.getByToken(token, path).is(change.status);
    }
  }

  @ParameterizedTest
  @EnumSource
  void stream_endsWithTheLogin(Change change) throws Exception {
    String run = caller.startUntilDecision();
    try {
      Session session = new Session(caller);
      session.login("mona", "mona");
      String path = "/api/runs/" + run + "/events";
      String token = "Bearer " + caller.token("mona");
      String password =
          "Basic "
              + Base64.getEncoder().encodeToString("mona:mona".getBytes(StandardCharsets.UTF_8));
      CompletableFuture<byte[]> bySession = session.follow(path);
      CompletableFuture<byte[]> byToken = follow(path, token);
      CompletableFuture<byte[]> byPassword = follow(path, password);
      CompletableFuture<byte[]> another =
          follow(
              path,
              "Basic "
                  + Base64.getEncoder()
                      .encodeToString("vera:vera".getBytes(StandardCharsets.UTF_8)));

      change.act.accept(identity);

      for (var stream : List.of(bySession, byToken, byPassword)) {
        String told = new String(stream.get(20, TimeUnit.SECONDS), StandardCharsets.UTF_8);
        assertThat(told).contains("event:").doesNotContain("event:end");
      }
      assertThat(another).isNotDone();
    } finally {
      caller.end(run);
    }
  }

  private CompletableFuture<byte[]> follow(String path, String authorization) throws Exception {
    var answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(caller.uri(path))
                    .header("Authorization", authorization)
                    .build(),
                BodyHandlers.ofInputStream());
    assertThat(answer.statusCode()).isEqualTo(200);
    return Session.toItsEnd(answer.body());
  }

  private static void create(IdentityService identity, String password) {
    User mona = identity.newUser("mona");
    mona.setPassword(password);
    identity.saveUser(mona);
    identity.createMembership("mona", "administrator");
  }

  private static void setPassword(IdentityService identity, String password) {
    User mona = identity.createUserQuery().userId("mona").singleResult();
    mona.setPassword(password);
    identity.saveUser(mona);
  }
}
