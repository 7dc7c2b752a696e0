package io.belay.face.web;

import static org.awaitility.Awaitility.await;

import io.belay.playground.Chromium;
import io.belay.playground.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;

/** A real browser with the hands of a person: what it looks for may appear late. */
final class Browser implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  final ChromeDriver driver;
  private final Caller caller;
  private final String picture;

  /**
   * @param picture name of the picture of the last page, which stays in {@code target/browser}
   */
  Browser(Caller caller, String picture) {
    Needs.that(Chromium.isHere(), "Debian's packages chromium and chromium-driver");
    this.caller = caller;
    this.picture = picture;
    driver = Chromium.open(1400, 1000);
  }

  /**
   * @param user whose password is the same
   */
  void logIn(String user) {
    logIn(user, user);
  }

  void logIn(String user, String password) {
    go("/login");
    find("#username").sendKeys(user);
    find("#password").sendKeys(password);
    click("button[type=submit]");
    find(".top .who");
  }

  void logOut() {
    click(".top .who button");
    find("#username");
  }

  void go(String path) {
    driver.get(caller.uri(path).toString());
  }

  void click(String selector) {
    click(By.cssSelector(selector));
  }

  /** The pages draw parts of themselves anew at any moment. */
  void click(By what) {
    await()
        .atMost(PATIENCE)
        .ignoreException(StaleElementReferenceException.class)
        .until(
            () -> {
              find(what).click();
              return true;
            });
  }

  WebElement find(String selector) {
    return find(By.cssSelector(selector));
  }

  WebElement find(By what) {
    return new WebDriverWait(driver, PATIENCE)
        .until(ExpectedConditions.visibilityOfElementLocated(what));
  }

  /** The requests since the last call that were answered with an error, as the browser's log. */
  List<String> errors() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(LogEntry::getMessage)
        .filter(message -> message.contains("the server responded with a status of"))
        .toList();
  }

  @Override
  public void close() throws IOException {
    Path pictures = Files.createDirectories(Path.of("target", "browser"));
    Files.write(pictures.resolve(picture + ".png"), driver.getScreenshotAs(OutputType.BYTES));
    driver.quit();
  }
}
