package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.identity.Group;
import org.camunda.bpm.engine.identity.User;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** People who log in by a provider, over HTTP, with a real provider beside. */
@WebTest
@OwnBelay
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class OidcLoginTest {

  private static final OidcProvider PROVIDER = new OidcProvider();
  private static final String GO =
      "{\"values\":{\"decision\":\"go\",\"reason\":\"all is well\",\"looked\":true}}";
  private static final String NO_ROLE = "None of your groups at the provider has a role in Belay.";
  private static final String TAKEN = "Your name belongs to another user of Belay";

  @Autowired Caller caller;
  @Autowired IdentityService identity;

  @DynamicPropertySource
  static void provider(DynamicPropertyRegistry properties) {
    properties.add("spring.datasource.url", () -> "jdbc:h2:mem:oidc;DB_CLOSE_DELAY=-1");
    properties.add("belay.artifacts.directory", () -> "target/oidc-test-artifacts");
    properties.add("belay.security.oidc.issuer", PROVIDER::issuer);
    properties.add("belay.security.oidc.client-id", () -> "belay");
    properties.add("belay.security.oidc.client-secret", () -> OidcProvider.SECRET);
    properties.add("belay.security.oidc.roles.viewer", () -> "everybody");
    properties.add("belay.security.oidc.roles.approver", () -> "release managers, leads");
    properties.add("belay.security.oidc.roles.administrator", () -> "owners");
  }

  @BeforeEach
  void tellWhereBelayIs() {
    PROVIDER.serve(caller.uri(""));
    PROVIDER.down(false);
  }

  @AfterAll
  static void stop() {
    PROVIDER.close();
  }

  @Test
  void approverByTheProvider_approves_viewerDoesNot() throws Exception {
    PROVIDER.says("p-1", person("petra.lind@example.com", "everybody", "release managers"));
    PROVIDER.says("p-2", person("victor", "everybody"));
    Session petra = loggedIn("p-1");
    Session victor = loggedIn("p-2");
    String run = caller.startUntilDecision();
    try {
      String complete = "/api/tasks/" + caller.openTask(run) + "/complete";
      assertThat(victor.get("/api/runs/" + run).statusCode()).isEqualTo(200);
      assertThat(victor.send("POST", complete, GO).statusCode()).isEqualTo(403);
      assertThat(petra.send("POST", complete, GO).statusCode()).isEqualTo(204);
      caller.awaitStatus(run, "COMPLETED");
      assertThat(caller.get("vera", "/api/runs/" + run + "/journal").text())
          .contains("\"petra.lind@example.com\"");
      assertThat(petra.get("/camunda/app/tasklist/default/").statusCode()).isEqualTo(200);
    } finally {
      caller.end(run);
    }
  }

  @Test
  void administratorByTheProvider_isOneInTheWebappsToo() throws Exception {
    PROVIDER.says("p-9", person("ada", "owners"));
    Session ada = loggedIn("p-9");
    assertThat(ada.get("/camunda/app/admin/default/").statusCode()).isEqualTo(200);
    assertThat(ada.get("/camunda/api/admin/auth/user/default").body()).contains("\"admin\"");
    assertThat(groups("ada")).containsExactlyInAnyOrder("administrator", "camunda-admin");
  }

  @Test
  void groupTakenAway_isGoneAtTheNextLogin_inOlderSessionsToo() throws Exception {
    PROVIDER.says("p-3", person("paul", "everybody", "owners"));
    Session older = loggedIn("p-3");
    assertThat(older.get("/api/migration/status").statusCode()).isNotIn(401, 403);

    PROVIDER.says("p-3", person("paul", "everybody"));
    loggedIn("p-3");
    assertThat(older.get("/api/migration/status").statusCode()).isEqualTo(403);
    assertThat(groups("paul")).containsExactly("viewer");

    PROVIDER.says("p-3", person("paul"));
    assertRefused("p-3", NO_ROLE);
    assertThat(older.get("/api/runs").statusCode()).isEqualTo(403);
    assertThat(groups("paul")).isEmpty();
  }

  @Test
  void noKnownGroup_isRefused_andLeavesNoUser() throws Exception {
    PROVIDER.says("p-4", person("nora", "administrator", "release", "Everybody"));
    assertRefused("p-4", NO_ROLE);
    PROVIDER.says("p-4", Map.of("preferred_username", "nora"));
    assertRefused("p-4", NO_ROLE);
    assertThat(identity.createUserQuery().userId("nora").count()).isZero();
  }

  @Test
  void nameOfAnother_isRefused() throws Exception {
    PROVIDER.says("p-5", person("adam", "everybody", "owners"));
    assertRefused("p-5", TAKEN);
    assertThat(caller.get("adam", "/api/migration/status").status()).isNotIn(401, 403);
    PROVIDER.says("p-6", person("vera", "everybody", "owners"));
    assertRefused("p-6", TAKEN);
    assertThat(groups("vera")).containsExactly("viewer");

    PROVIDER.says("p-7", person("first", "everybody"));
    loggedIn("p-7");
    PROVIDER.says("p-8", person("first", "owners"));
    assertRefused("p-8", TAKEN);
    assertThat(groups("first")).containsExactly("viewer");
  }

  @Test
  void personWithAnotherName_isTheSameUser() throws Exception {
    PROVIDER.says("p-10", person("jane", "everybody"));
    loggedIn("p-10");
    PROVIDER.says("p-10", person("janet", "release managers"));
    Session session = loggedIn("p-10");
    assertThat(groups("jane")).containsExactly("approver");
    assertThat(identity.createUserQuery().userId("janet").count()).isZero();
    assertThat(session.get("/").body()).contains("jane").doesNotContain("janet");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"*", "..", "a/b", "a b", "jäne", "a\nb", "<b>", "-x", "", "a?b", "a,b", "a:b"})
  void oddName_isRefused(String name) throws Exception {
    PROVIDER.says("p-11", person(name, "everybody"));
    assertRefused("p-11", "The provider sends no name that can be one here");
  }

  @Test
  void nameThatIsNoText_orTooLong_orMissing_isRefused() throws Exception {
    for (Object name : new Object[] {"a".repeat(65), 7, List.of("anna"), Map.of("a", "b")}) {
      PROVIDER.says("p-12", Map.of("preferred_username", name, "groups", List.of("everybody")));
      assertRefused("p-12", "The provider sends no name");
    }
    PROVIDER.says("p-12", Map.of("groups", List.of("everybody")));
    assertRefused("p-12", "The provider sends no name");
  }

  @Test
  void noPassword_opensTheAccount_notEvenOneThatAnAdministratorGave() throws Exception {
    PROVIDER.says("p-13", person("paula", "everybody"));
    Session session = loggedIn("p-13");
    assertThat(session.get("/api/runs").statusCode()).isEqualTo(200);
    User paula = identity.createUserQuery().userId("paula").singleResult();
    paula.setPassword("paula");
    identity.saveUser(paula);

    caller.get("paula", "/api/runs").is(401);
    assertThat(session.get("/api/runs").statusCode()).isEqualTo(401);
    assertThat(new Session(caller).login("paula", "paula").headers().firstValue("Location"))
        .hasValueSatisfying(location -> assertThat(location).endsWith("/login?error"));
  }

  @Test
  void userWhomAnAdministratorRemoved_hasNoSessionAnyMore() throws Exception {
    PROVIDER.says("p-14", person("rolf", "everybody"));
    Session session = loggedIn("p-14");
    identity.deleteUser("rolf");
    assertThat(session.get("/api/runs").statusCode()).isEqualTo(401);
    assertThat(loggedIn("p-14").get("/api/runs").statusCode()).isEqualTo(200);
    assertThat(session.get("/api/runs").statusCode()).isEqualTo(401);
  }

  @Test
  void logout_endsTheSession_andTheLoginAtTheProvider() throws Exception {
    PROVIDER.says("p-15", person("lou", "everybody"));
    Session session = loggedIn("p-15");
    String next = location(session.post("/logout", true));
    assertThat(next).startsWith(PROVIDER.issuer() + "/connect/logout?id_token_hint=");
    assertThat(PROVIDER.sendsTo(next)).isEqualTo(caller.uri("/login").toString());
    assertThat(session.get("/api/runs").statusCode()).isEqualTo(401);
    assertThat(session.get("/login").headers().firstValue("Content-Security-Policy").orElseThrow())
        .endsWith("form-action 'self' " + PROVIDER.issuer());
  }

  @Test
  void logoutOfALocalUser_leadsNowhereElse() throws Exception {
    Session vera = new Session(caller);
    vera.login("vera", "vera");
    assertThat(vera.post("/logout", true).statusCode()).isEqualTo(204);
  }

  @Test
  void answerOfTheProvider_countsOnce_inTheBrowserThatAsked() throws Exception {
    PROVIDER.says("p-16", person("mia", "everybody"));
    Session session = new Session(caller);
    String asked = location(session.get("/oauth2/authorization/oidc"));
    assertThat(asked)
        .startsWith(PROVIDER.issuer())
        .contains("code_challenge_method=S256", "code_challenge=", "nonce=", "state=");
    String answer = PROVIDER.login("p-16", asked);

    Session another = new Session(caller);
    assertThat(location(another.get(answer))).endsWith("/login?refused=FAILED");
    assertThat(another.get("/api/runs").statusCode()).isEqualTo(401);

    session.get(answer);
    assertThat(session.get("/api/runs").statusCode()).isEqualTo(200);
    assertThat(location(session.get(answer))).endsWith("/login?refused=FAILED");
  }

  @Test
  void providerThatIsDown_isToldOnTheLoginPage_andLocalUsersLogIn() throws Exception {
    PROVIDER.says("p-17", person("dora", "everybody"));
    Session session = new Session(caller);
    String answer = PROVIDER.login("p-17", location(session.get("/oauth2/authorization/oidc")));
    PROVIDER.down(true);
    assertThat(location(session.get(answer))).endsWith("/login?refused=FAILED");
    assertThat(session.get("/login?refused=FAILED").body())
        .contains("The provider did not log you in.");
    Session vera = new Session(caller);
    vera.login("vera", "vera");
    assertThat(vera.get("/api/runs").statusCode()).isEqualTo(200);
  }

  @Test
  void loginPage_hasTheButton_andSaysNothingThatAnAddressMakesUp() throws Exception {
    Session session = new Session(caller);
    assertThat(session.get("/login").body())
        .contains("href=\"/oauth2/authorization/oidc\"")
        .doesNotContain("role=\"alert\"");
    assertThat(session.get("/login?refused=You+won").body()).doesNotContain("You won");
    assertThat(location(session.get("/oauth2/authorization/other")))
        .endsWith("/login?refused=FAILED");
  }

  private Session loggedIn(String subject) throws Exception {
    Session session = new Session(caller);
    assertThat(enter(session, subject)).doesNotContain("/login");
    session.get("/"); // its token against forged requests
    return session;
  }

  private void assertRefused(String subject, String sentence) throws Exception {
    Session session = new Session(caller);
    String to = enter(session, subject);
    assertThat(to).contains("/login?refused=");
    assertThat(session.get(to.substring(to.indexOf("/login"))).body()).contains(sentence);
    assertThat(session.get("/api/runs").statusCode()).isEqualTo(401);
  }

  /** Where the browser ends. */
  private static String enter(Session session, String subject) throws Exception {
    String asked = location(session.get("/oauth2/authorization/oidc"));
    return location(session.get(PROVIDER.login(subject, asked)));
  }

  private static String location(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(302);
    return answer.headers().firstValue("Location").orElseThrow();
  }

  private List<String> groups(String user) {
    return identity.createGroupQuery().groupMember(user).list().stream().map(Group::getId).toList();
  }

  private static Map<String, Object> person(String name, String... groups) {
    return Map.of("preferred_username", name, "groups", List.of(groups));
  }
}
