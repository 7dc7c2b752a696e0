package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.belay.playground.Chromium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
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
  private ChromeDriver browser;
  private String run;

  @BeforeEach
  void open() {
    assumeTrue(Chromium.isHere(), "needs Chromium and its driver");
    browser = Chromium.open(1400, 1000);
  }

  @AfterEach
  void close(TestInfo test) throws IOException {
    if (browser == null) {
      return;
    }
    Path pictures = Files.createDirectories(Path.of("target", "browser"));
    Files.write(
        pictures.resolve(test.getTestMethod().orElseThrow().getName() + ".png"),
        browser.getScreenshotAs(OutputType.BYTES));
    browser.quit();
    if (run != null) {
      caller.end(run);
    }
  }

  @Test
  void runStartedInCockpit_isApprovedInTasklistByAnother() {
    startInCockpit("olga");
    logOut();

    logIn("anna");
    decideInTasklist();

    assertThat(caller.awaitStatus(run, "COMPLETED").path("gates")).isNotEmpty();
  }

  @Test
  void startButton_isOnTheDashboard_inTheList_andOnTheDefinition() {
    logIn("olga");
    String definition =
        caller.get("vera", "/api/runbooks/web-test").body().path("definitionId").asText();
    for (String page :
        new String[] {"dashboard", "processes", "process-definition/" + definition + "/runtime"}) {
      go(COCKPIT + "#/" + page);
      click(".belay-start[data-runbook=web-test]");
      browser.switchTo().frame(find(".belay-dialog iframe"));
      find("[name='parameters.environment']");
      browser.switchTo().defaultContent();
      click(".belay-dialog header button");
    }
  }

  @Test
  void starter_isRefusedInTasklistAndByTheirPage() {
    startInCockpit("omar");
    assertThat(find("#tasks .notice").getText()).contains("another person must decide");

    decideInTasklist();

    assertThat(
            await()
                .atMost(Duration.ofSeconds(20))
                .ignoreException(StaleElementReferenceException.class)
                .until(
                    () -> browser.findElement(By.tagName("body")).getText(),
                    text -> text.contains("four eyes")))
        .contains("omar");
    assertThat(caller.get("vera", "/api/runs/" + run).body().path("status").asText())
        .isEqualTo("WAITING_FOR_PERSON");
  }

  @Test
  void approver_decidesOnTheRunPage() {
    run = caller.startUntilDecision();
    logIn("anna");
    go("/runs/" + run);
    new Select(find("[name='values.decision']")).selectByValue("go");
    find("[name='values.reason']").sendKeys("looks good");
    click("[name='values.looked']");
    click("#tasks button[type=submit]");

    caller.awaitStatus(run, "COMPLETED");
    await()
        .atMost(Duration.ofSeconds(20))
        .ignoreException(StaleElementReferenceException.class)
        .until(() -> find("#status").getText().equals("completed"));
  }

  @Test
  void operator_rollsBackOnTheRunPage() {
    run = caller.startUntilDecision();
    logIn("olga");
    go("/runs/" + run);
    click("#head details.act summary");
    find("#abortreason").sendKeys("second thoughts");
    click("#head details.act button[type=submit]");

    assertThat(caller.awaitStatus(run, "ROLLED_BACK").path("reason").asText())
        .contains("second thoughts");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> !browser.findElements(By.cssSelector("#diagram .undone")).isEmpty());
  }

  @Test
  void dryRun_isShownAndMistakesAreNamed() {
    logIn("olga");
    go("/runbooks/web-test");
    new Select(find("[name='parameters.environment']")).selectByValue("test");
    click("[hx-get]");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> find("#plan").getText().contains("Would count to 3"));

    WebElement weights = find("[name='parameters.weights']");
    weights.clear();
    weights.sendKeys("50,25");
    click("form.fields button[type=submit]");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> find("[data-wrong=weights]").getText().contains("must ascend"));
  }

  private void startInCockpit(String user) {
    logIn(user);
    go(COCKPIT + "#/processes");
    click(".belay-start[data-runbook=web-test]");
    browser.switchTo().frame(find(".belay-dialog iframe"));
    new Select(find("[name='parameters.environment']")).selectByValue("test");
    click("form.fields button[type=submit].primary");
    browser.switchTo().defaultContent();
    new WebDriverWait(browser, Duration.ofSeconds(30))
        .until(ExpectedConditions.urlContains("/runs/"));
    run = browser.getCurrentUrl().replaceAll(".*/runs/", "");
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    find("#tasks [data-task]");
  }

  private void decideInTasklist() {
    go(TASKLIST);
    click(".tasks-list .task h4, .tasks-list li.task");
    click(".btn.claim, .claim");
    find(".fjs-form");
    click(".fjs-form-field-select input, .fjs-select-display, .fjs-input-group");
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> !browser.findElements(By.cssSelector(".fjs-dropdownlist-item")).isEmpty());
    click(".fjs-dropdownlist-item");
    // Tasklist's footer may lie over it.
    browser.executeScript("arguments[0].click()", find(".fjs-form input[type=checkbox]"));
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(700))
        .ignoreException(StaleElementReferenceException.class)
        .until(this::reasonIsTaken);
    browser.executeScript("arguments[0].click()", find(".form-actions .btn-primary:enabled"));
  }

  /** The form forgets what is typed while it draws itself anew. */
  private boolean reasonIsTaken() {
    List<WebElement> texts = browser.findElements(By.cssSelector(".fjs-form textarea:enabled"));
    WebElement reason = texts.get(texts.size() - 1);
    if (reason.getDomProperty("value").isEmpty()) {
      reason.sendKeys("all is well");
      return false;
    }
    return !browser.findElements(By.cssSelector(".form-actions .btn-primary:enabled")).isEmpty();
  }

  private void logIn(String user) {
    go("/login");
    find("#username").sendKeys(user);
    find("#password").sendKeys(user);
    click("button[type=submit]");
    find(".top .who");
  }

  private void logOut() {
    click(".top .who button");
    find("#username");
  }

  private void go(String path) {
    browser.get(caller.uri(path).toString());
  }

  /** The run page draws parts of itself anew at any moment. */
  private void click(String selector) {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreException(StaleElementReferenceException.class)
        .until(
            () -> {
              find(selector).click();
              return true;
            });
  }

  private WebElement find(String selector) {
    return new WebDriverWait(browser, Duration.ofSeconds(30))
        .until(ExpectedConditions.visibilityOfElementLocated(By.cssSelector(selector)));
  }
}
