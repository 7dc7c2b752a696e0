package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.openqa.selenium.By;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.Select;
import org.openqa.selenium.support.ui.WebDriverWait;
import org.springframework.beans.factory.annotation.Autowired;

/** What people do, in a real browser: Cockpit, Tasklist and the pages. */
@WebTest
class BrowserIT {

  private static final String COCKPIT = "/camunda/app/cockpit/default/";
  private static final String TASKLIST = "/camunda/app/tasklist/default/";

  @Autowired Caller caller;
  private Browser browser;
  private String run;

  @BeforeEach
  void open(TestInfo test) {
    browser = new Browser(caller, test.getTestMethod().orElseThrow().getName());
  }

  @AfterEach
  void close() throws IOException {
    if (browser != null) {
      browser.close();
    }
    if (run != null) {
      caller.end(run);
    }
  }

  @Test
  void runStartedInCockpit_isApprovedInTasklistByAnother() {
    startInCockpit("olga");
    browser.logOut();

    browser.logIn("anna");
    decideInTasklist();

    assertThat(caller.awaitStatus(run, "COMPLETED").path("gates")).isNotEmpty();
  }

  @Test
  void startButton_isOnTheDashboard_inTheList_andOnTheDefinition() {
    browser.logIn("olga");
    String definition =
        caller.get("vera", "/api/runbooks/web-test").body().path("definitionId").asText();
    for (String page :
        new String[] {"dashboard", "processes", "process-definition/" + definition + "/runtime"}) {
      browser.go(COCKPIT + "#/" + page);
      browser.click(".belay-start[data-runbook=web-test]");
      browser.driver.switchTo().frame(browser.find(".belay-dialog iframe"));
      browser.find("[name='parameters.environment']");
      browser.driver.switchTo().defaultContent();
      browser.click(".belay-dialog header button");
    }
  }

  @Test
  void starter_isRefusedInTasklistAndByTheirPage() {
    startInCockpit("omar");
    assertThat(browser.find("#tasks .notice").getText()).contains("another person must decide");

    decideInTasklist();

    assertThat(
            await()
                .atMost(Duration.ofMinutes(2))
                .ignoreException(StaleElementReferenceException.class)
                .until(
                    () -> browser.driver.findElement(By.tagName("body")).getText(),
                    text -> text.contains("four eyes")))
        .contains("omar");
    assertThat(caller.get("vera", "/api/runs/" + run).body().path("status").asText())
        .isEqualTo("WAITING_FOR_PERSON");
  }

  @Test
  void approver_decidesOnTheRunPage() {
    run = caller.startUntilDecision();
    browser.logIn("anna");
    browser.go("/runs/" + run);
    new Select(browser.find("[name='values.decision']")).selectByValue("go");
    browser.find("[name='values.reason']").sendKeys("looks good");
    browser.click("[name='values.looked']");
    browser.click("#tasks button[type=submit]");

    caller.awaitStatus(run, "COMPLETED");
    await()
        .atMost(Duration.ofMinutes(2))
        .ignoreException(StaleElementReferenceException.class)
        .until(() -> browser.find("#status").getText().equals("completed"));
  }

  @Test
  void operator_rollsBackOnTheRunPage() {
    run = caller.startUntilDecision();
    browser.logIn("olga");
    browser.go("/runs/" + run);
    browser.click("#head details.act summary");
    browser.find("#abortreason").sendKeys("second thoughts");
    browser.click("#head details.act button[type=submit]");

    assertThat(caller.awaitStatus(run, "ROLLED_BACK").path("reason").asText())
        .contains("second thoughts");
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> !browser.driver.findElements(By.cssSelector("#diagram .undone")).isEmpty());
  }

  @Test
  void dryRun_isShownAndMistakesAreNamed() {
    browser.logIn("olga");
    browser.go("/runbooks/web-test");
    new Select(browser.find("[name='parameters.environment']")).selectByValue("test");
    browser.click("[hx-get]");
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> browser.find("#plan").getText().contains("Would count to 3"));

    WebElement weights = browser.find("[name='parameters.weights']");
    weights.clear();
    weights.sendKeys("50,25");
    browser.click("form.fields button[type=submit]");
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> browser.find("[data-wrong=weights]").getText().contains("must ascend"));
  }

  private void startInCockpit(String user) {
    browser.logIn(user);
    browser.go(COCKPIT + "#/processes");
    browser.click(".belay-start[data-runbook=web-test]");
    browser.driver.switchTo().frame(browser.find(".belay-dialog iframe"));
    new Select(browser.find("[name='parameters.environment']")).selectByValue("test");
    browser.click("form.fields button[type=submit].primary");
    browser.driver.switchTo().defaultContent();
    new WebDriverWait(browser.driver, Duration.ofMinutes(2))
        .until(ExpectedConditions.urlContains("/runs/"));
    run = browser.driver.getCurrentUrl().replaceAll(".*/runs/", "");
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    browser.find("#tasks [data-task]");
  }

  private void decideInTasklist() {
    browser.go(TASKLIST);
    browser.click(".tasks-list .task h4, .tasks-list li.task");
    browser.click(".btn.claim, .claim");
    browser.find(".fjs-form");
    browser.click(".fjs-form-field-select input, .fjs-select-display, .fjs-input-group");
    await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () -> !browser.driver.findElements(By.cssSelector(".fjs-dropdownlist-item")).isEmpty());
    browser.click(".fjs-dropdownlist-item");
    // Tasklist's footer may lie over it.
    browser.driver.executeScript(
        "arguments[0].click()", browser.find(".fjs-form input[type=checkbox]"));
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(700))
        .ignoreException(StaleElementReferenceException.class)
        .until(this::reasonIsTaken);
    browser.driver.executeScript(
        "arguments[0].click()", browser.find(".form-actions .btn-primary:enabled"));
  }

  /** The form forgets what is typed while it draws itself anew. */
  private boolean reasonIsTaken() {
    List<WebElement> texts =
        browser.driver.findElements(By.cssSelector(".fjs-form textarea:enabled"));
    WebElement reason = texts.get(texts.size() - 1);
    if (reason.getDomProperty("value").isEmpty()) {
      reason.sendKeys("all is well");
      return false;
    }
    return !browser
        .driver
        .findElements(By.cssSelector(".form-actions .btn-primary:enabled"))
        .isEmpty();
  }
}
