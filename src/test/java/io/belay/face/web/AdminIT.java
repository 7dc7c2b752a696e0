package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.identity.User;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.springframework.beans.factory.annotation.Autowired;

/** What an administrator does with users in Camunda Admin, in a real browser; nobody else can. */
@WebTest
class AdminIT {

  private static final String USERS = "/camunda/app/admin/default/#/users";
  private static final String FIRST = "correct horse battery";
  private static final String SECOND = "another horse battery";

  @Autowired Caller caller;
  @Autowired IdentityService identity;
  private Browser browser;

  @BeforeEach
  void open(TestInfo test) {
    browser = new Browser(caller, test.getTestMethod().orElseThrow().getName());
  }

  @AfterEach
  void close() throws IOException {
    if (browser != null) {
      browser.close();
    }
    identity.deleteUser("nora");
  }

  @Test
  void administrator_createsAUser_andChangesTheirGroups() throws Exception {
    browser.logIn("adam");
    browser.go(USERS);
    browser.click("a[href='#/user-create']");
    type("#inputUserId", "nora");
    type("#inputPassword", FIRST);
    type("#inputPasswordRepeat", FIRST);
    type("#inputFirstname", "Nora");
    type("#inputLastname", "New");
    type("#inputEmail", "nora@example.org");
    submit("createUserForm");
    browser.click("a[href='#/users/nora']");
    assertThat(mayRead(FIRST)).isEqualTo(403);

    addTo("operator");
    addTo("viewer");
    await().atMost(Duration.ofMinutes(2)).until(() -> mayRead(FIRST) == 200);
    remove("operator");
    remove("viewer");
    await().atMost(Duration.ofMinutes(2)).until(() -> mayRead(FIRST) == 403);
  }

  @Test
  void operator_hasNoAdmin_andNoRequestOfItPasses() {
    createNora();
    browser.logIn("olga");
    browser.go("/camunda/app/welcome/default/");
    browser.find("body");
    assertThat(ask("GET", "/camunda/api/admin/auth/user/default", "null"))
        .contains("cockpit")
        .doesNotContain("\"admin\"");
    String engine = "/camunda/api/engine/engine/default";
    String profile = "{id: 'nils', firstName: 'Nils', lastName: 'New', email: ''}";
    for (String[] request :
        new String[][] {
          {
            "POST",
            "/user/create",
            "{profile: %s, credentials: {password: '%s'}}".formatted(profile, FIRST)
          },
          {"PUT", "/group/operator/members/nora", "{}"},
          {"PUT", "/group/administrator/members/olga", "{}"},
          {"DELETE", "/group/viewer/members/nora", "null"},
          {
            "PUT",
            "/user/nora/credentials",
            "{password: '%s', authenticatedUserPassword: 'olga'}".formatted(SECOND)
          },
          {"DELETE", "/user/nora", "null"},
        }) {
      assertThat(ask(request[0], engine + request[1], request[2])).startsWith("403 ");
    }
    assertThat(identity.createUserQuery().userId("nils").count()).isZero();
    assertThat(identity.checkPassword("nora", FIRST)).isTrue();
    assertThat(identity.createGroupQuery().groupMember("nora").list())
        .singleElement()
        .satisfies(group -> assertThat(group.getId()).isEqualTo("viewer"));
    assertThat(identity.createUserQuery().userId("olga").memberOfGroup("administrator").count())
        .isZero();
  }

  private void createNora() {
    User nora = identity.newUser("nora");
    nora.setPassword(FIRST);
    identity.saveUser(nora);
    identity.createMembership("nora", "viewer");
  }

  /** As Admin's own pages ask, with the token of the webapps; status and body. */
  private String ask(String method, String path, String body) {
    return (String)
        browser.driver.executeAsyncScript(
            """
            const done = arguments[arguments.length - 1];
            const token = document.cookie.match(/XSRF-TOKEN=([^;]*)/);
            const body = %s;
            fetch('%s', {
              method: '%s',
              headers: {'Content-Type': 'application/json', 'X-XSRF-TOKEN': token ? token[1] : ''},
              body: body ? JSON.stringify(body) : undefined
            }).then(answer => answer.text().then(text => done(answer.status + ' ' + text)));
            """
                .formatted(body, path, method));
  }

  private void addTo(String group) {
    showGroups();
    browser.click("a[ng-click='openCreateGroupMembershipDialog()']");
    String row = "//*[contains(@class,'create-group-membership')]//tr[.//a[text()='%s']]//input";
    browser.click(By.xpath(row.formatted(group)));
    browser.click("button[ng-click='createGroupMemberships()']");
    browser.click("button[ng-click='close(status)']");
    browser.find(By.xpath("//td[@class='group-id']/a[text()='%s']".formatted(group)));
  }

  private void remove(String group) {
    showGroups();
    browser.click(
        By.xpath("//tr[td/a[text()='%s']]//a[contains(@ng-click,'remove')]".formatted(group)));
  }

  /** The page takes a click on "Add to a group" before it knows the user's groups, and errs. */
  private void showGroups() {
    browser.go("/camunda/app/admin/default/#/users/nora?tab=groups");
    browser.find(
        By.cssSelector(
            "[name=updateGroupMemberships] :is([loading-state=LOADED], [loading-state=EMPTY])"));
  }

  private int mayRead(String password) throws Exception {
    Session session = new Session(caller);
    session.login("nora", password);
    return session.get("/api/runs").statusCode();
  }

  private void submit(String form) {
    browser.click("form[name='" + form + "'] button[type=submit]:enabled");
  }

  private void type(String selector, String text) {
    WebElement field = browser.find(selector);
    field.clear();
    field.sendKeys(text);
  }
}
